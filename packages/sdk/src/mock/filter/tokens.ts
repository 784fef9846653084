/** MLflow's search syntax in words: names, texts, numbers, operators and punctuation. */
import { invalid } from '../server/refusals.ts';

export type TokenKind =
  | 'word'
  | 'backticked'
  | 'doubleQuoted'
  | 'singleQuoted'
  | 'number'
  | 'operator'
  | 'punctuation';

export interface Token {
  kind: TokenKind;
  /** As it is written, quotes included. */
  text: string;
}

const TOKEN = new RegExp(
  [
    /(?<singleQuoted>'(?:''|\\'|[^'])*')/,
    /(?<doubleQuoted>"(?:""|\\"|[^"])*")/,
    /(?<backticked>`[^`]*`)/,
    /(?<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w]))/,
    /(?<operator><=|>=|!=|=|<|>)/,
    /(?<punctuation>[().,])/,
    /(?<word>[\p{L}\p{N}_]+)/u,
  ]
    .map(({ source }) => source)
    .join('|'),
  'uy',
);
const WHITE_SPACE = /\s*/y;

/** Throws `InvalidRequestError` at what is none of these, e.g. a quote that is not closed. */
export function tokensOf(clause: string): Token[] {
  const tokens: Token[] = [];
  let position = after(WHITE_SPACE, clause, 0);
  while (position < clause.length) {
    TOKEN.lastIndex = position;
    const [kind, text] = Object.entries(TOKEN.exec(clause)?.groups ?? {}).find(([, found]) => found) ?? [];
    if (text === undefined) {
      throw invalid(`Invalid clause(s) in filter string: '${clause.slice(position)}'`);
    }
    tokens.push({ kind: kind as TokenKind, text });
    position = after(WHITE_SPACE, clause, position + text.length);
  }
  return tokens;
}

function after(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  pattern.exec(text);
  return pattern.lastIndex;
}

const QUOTED: ReadonlySet<TokenKind> = new Set(['backticked', 'doubleQuoted', 'singleQuoted']);

/** Without its quotes. MLflow takes away the outer ones and nothing else. */
export function unquoted({ kind, text }: Token): string {
  return QUOTED.has(kind) ? text.slice(1, -1) : text;
}
