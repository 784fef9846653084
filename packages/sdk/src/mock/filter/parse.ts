import { invalid } from '../server/refusals.ts';
import type { Field, Grammar, Kind, Operator } from './grammar.ts';
import { type Token, tokensOf, unquoted } from './tokens.ts';

export interface Identifier {
  kind: Kind;
  key: string;
}

export interface Comparison extends Identifier {
  operator: Operator;
  /** A list for IN and NOT IN, nothing for IS NULL and IS NOT NULL. */
  value: string | number | readonly string[] | undefined;
}

export interface Order extends Identifier {
  isAscending: boolean;
}

/** Comparisons joined by AND: that is all that MLflow knows. Throws `InvalidRequestError`. */
export function parseFilter(filter: string | undefined, grammar: Grammar): Comparison[] {
  const reader = new Reader(tokensOf(filter ?? ''));
  const comparisons: Comparison[] = [];
  while (!reader.isAtEnd) {
    if (comparisons.length > 0) reader.expectWord('AND');
    comparisons.push(parseComparison(reader, grammar));
  }
  return comparisons;
}

/** E.g. `metrics.loss DESC`. Throws `InvalidRequestError`. */
export function parseOrder(clause: string, grammar: Grammar): Order {
  const reader = new Reader(tokensOf(clause));
  const { kind, key } = parseIdentifier(reader, grammar);
  const direction = reader.isAtEnd ? 'ASC' : reader.word();
  if ((direction !== 'ASC' && direction !== 'DESC') || !reader.isAtEnd) {
    throw invalid(`Invalid order_by clause '${clause}'. Could not be parsed.`);
  }
  return { kind, key: orderableName({ kind, key }, grammar), isAscending: direction === 'ASC' };
}

function orderableName(identifier: Identifier, grammar: Grammar): string {
  const { kind, key } = identifier;
  if (grammar.orderable) {
    const name = kind === 'attribute' ? own(grammar.orderable, key) : undefined;
    if (name === undefined) throw invalid(`Invalid order by key '${key}' specified.`);
    return name;
  }
  const { name = key, isOnlyFiltered } = fieldOf(identifier, grammar);
  if (isOnlyFiltered) throw invalid(`Invalid order by key '${key}' specified.`);
  return name;
}

function fieldOf({ kind, key }: Identifier, { attributes, others }: Grammar): Field {
  const field = kind === 'attribute' ? own(attributes, key) : others[kind];
  if (field === undefined || field.keys?.includes(key) === false) {
    throw invalid(`Invalid ${kind} key '${key}' specified.`);
  }
  return field;
}

function parseComparison(reader: Reader, grammar: Grammar): Comparison {
  const { kind, key } = parseIdentifier(reader, grammar);
  const field = fieldOf({ kind, key }, grammar);
  const operator = reader.operator();
  if (!field.operators.includes(operator)) {
    throw invalid(`Invalid comparator '${operator}' not one of '${field.operators.join("', '")}'`);
  }
  return { kind, key: field.name ?? key, operator, value: parseValue(reader, operator, field) };
}

function parseIdentifier(reader: Reader, { kinds }: Grammar): Identifier {
  const first = reader.name();
  if (!reader.skip('.')) return { kind: 'attribute', key: unquoted(first) };
  const kind = own(kinds, unquoted(first));
  if (kind === undefined) throw invalid(`Invalid entity type '${unquoted(first)}'.`);
  const parts = [reader.name()];
  while (reader.skip('.')) parts.push(reader.name());
  const [only] = parts;
  return { kind, key: only && parts.length === 1 ? unquoted(only) : parts.map(({ text }) => text).join('.') };
}

function parseValue(reader: Reader, operator: Operator, field: Field): Comparison['value'] {
  if (operator === 'IS NULL' || operator === 'IS NOT NULL') return undefined;
  if (operator === 'IN' || operator === 'NOT IN') return parseList(reader);
  const token = reader.next();
  if (field.type === 'number') {
    if (token.kind !== 'number') throw invalid(`Expected numeric value type. Found ${token.text}`);
    return Number(token.text);
  }
  return textOf(token);
}

function parseList(reader: Reader): string[] {
  reader.expect('(');
  const values = [textOf(reader.next())];
  while (!reader.skip(')')) {
    reader.expect(',');
    // Python's way to write a list of one.
    if (reader.skip(')')) break;
    values.push(textOf(reader.next()));
  }
  return values;
}

function textOf(token: Token): string {
  if (token.kind !== 'singleQuoted' && token.kind !== 'doubleQuoted') {
    throw invalid(`Expected a quoted string value (e.g. 'my-value'). Got value ${token.text}`);
  }
  return unquoted(token);
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

const NAMES: ReadonlySet<string> = new Set(['word', 'backticked', 'doubleQuoted', 'number']);

class Reader {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#tokens.length;
  }

  next(): Token {
    const token = this.#tokens[this.#position];
    if (token === undefined) throw invalid('Invalid clause(s) in filter string: it ends too early');
    this.#position += 1;
    return token;
  }

  name(): Token {
    const token = this.next();
    if (!NAMES.has(token.kind)) throw invalid(`Invalid clause(s) in filter string: '${token.text}'`);
    return token;
  }

  /** In capitals. */
  word(): string {
    const { kind, text } = this.next();
    if (kind !== 'word') throw invalid(`Invalid clause(s) in filter string: '${text}'`);
    return text.toUpperCase();
  }

  /** Goes past it, if it is there. */
  skip(punctuation: string): boolean {
    const token = this.#tokens[this.#position];
    const isThere = token?.kind === 'punctuation' && token.text === punctuation;
    if (isThere) this.#position += 1;
    return isThere;
  }

  expect(punctuation: string): void {
    if (!this.skip(punctuation))
      throw invalid(`Invalid clause(s) in filter string: '${punctuation}' is missing`);
  }

  expectWord(expected: string): void {
    const { text } = this.next();
    if (text.toUpperCase() !== expected) throw invalid(`Invalid clause(s) in filter string: '${text}'`);
  }

  operator(): Operator {
    const token = this.next();
    if (token.kind === 'operator') return token.text as Operator;
    const words = [token.text.toUpperCase()];
    while (words.join(' ') === 'NOT' || words.join(' ') === 'IS' || words.join(' ') === 'IS NOT') {
      words.push(this.word());
    }
    return words.join(' ') as Operator;
  }
}
