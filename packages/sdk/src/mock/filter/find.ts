/** A search as MLflow's SQL store does it: in the order asked for, those to which all comparisons apply. */
import type { Int64 } from '../../model/values.ts';
import { serverError } from '../server/refusals.ts';
import type { Grammar } from './grammar.ts';
import { type Comparison, type Identifier, type Order, parseFilter, parseOrder } from './parse.ts';

export type Value = string | Int64;

export interface Searched<Item> {
  grammar: Grammar;
  /** What an item has there: nothing, one value, or one of each dataset. */
  look: (item: Item, where: Identifier) => readonly Value[];
  /** Goes after what was asked for. */
  usualOrder: readonly string[];
}

export interface Query {
  filter: string | undefined;
  orderBy: readonly string[];
}

export function find<Item>(
  items: Iterable<Item>,
  { filter, orderBy }: Query,
  { grammar, look, usualOrder }: Searched<Item>,
): Item[] {
  const comparisons = parseFilter(filter, grammar);
  const asked = orderBy.map((clause) => parseOrder(clause, grammar));
  if (new Set(asked.map(({ kind, key }) => `${kind}.${key}`)).size < asked.length) {
    throw serverError('INTERNAL_ERROR', `\`order_by\` contains duplicate fields: ${orderBy.join(', ')}`);
  }
  const orders = [...asked, ...usualOrder.map((clause) => parseOrder(clause, grammar))];
  return [...items]
    .filter((item) => comparisons.every((comparison) => applies(comparison, look(item, comparison))))
    .sort((a, b) => compareBy(orders, (order) => [look(a, order)[0], look(b, order)[0]]));
}

/** What is absent is neither equal nor unequal to anything. */
function applies({ operator, value }: Comparison, found: readonly Value[]): boolean {
  if (operator === 'IS NULL') return found.length === 0;
  if (operator === 'IS NOT NULL') return found.length > 0;
  return found.some((one) => isSo(one, operator, value));
}

function isSo(found: Value, operator: Comparison['operator'], value: Comparison['value']): boolean {
  if (Array.isArray(value)) return value.includes(String(found)) === (operator === 'IN');
  if (operator === 'LIKE') return like(String(value), '').test(String(found));
  if (operator === 'ILIKE') return like(String(value), 'i').test(String(found));
  // As in SQL and in IEEE 754: of all comparisons with NaN, only "is not" is true.
  if (Number.isNaN(found)) return operator === '!=';
  const order = compare(found, value as Value);
  switch (operator) {
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** `%` stands for any characters, `_` for one. */
function like(pattern: string, flags: 'i' | ''): RegExp {
  const source = pattern
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.');
  return new RegExp(`^${source}$`, `su${flags}`);
}

function compareBy(
  orders: readonly Order[],
  values: (order: Order) => [a: Value | undefined, b: Value | undefined],
): number {
  for (const order of orders) {
    const [a, b] = values(order);
    const ranks = rank(a) - rank(b);
    if (ranks !== 0) return ranks;
    const compared = a === undefined || b === undefined ? 0 : compare(a, b);
    if (compared !== 0) return order.isAscending ? compared : -compared;
  }
  return 0;
}

/** In both directions: numbers and texts, then NaN, then those that have nothing there. */
function rank(value: Value | undefined): number {
  if (value === undefined) return 2;
  return Number.isNaN(value) ? 1 : 0;
}

function compare(a: Value, b: Value): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}
