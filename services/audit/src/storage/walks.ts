/**
 * SQL that finds the numbers of rows in the order of the log, no more of them than are wanted. The planner is not let
 * guess how soon a page is full, which it does wrong where conditions depend on each other.
 */
import type { RowRange } from '../domain/blocks.ts';

export interface Walk {
  range: RowRange;
  oldestFirst: boolean;
  limit: number;
}

/** A condition that an index serves, which has the rows that meet it in the order of the log. */
export interface Indexed {
  table: 'audit_events' | 'personal_values';
  /** On a row of it, by the name that stands for it. */
  isMet: (row: string) => string;
  /** Whether that index has action and outcome beside it. */
  coversKind?: boolean;
}

export interface Search {
  /** Each with an index of its own. */
  indexed: readonly Indexed[];
  /** On `audit_events as e`: what has to be looked up in the rows. */
  others: readonly string[];
}

/** Adds a value to those of a statement; the result stands for it there. */
export type Parameter = (value: unknown) => string;

/** Once found to hold little, windows grow: a page of rows that match is read, not a large window of them. */
const FIRST_WINDOW_ROWS = 2048;
const LAST_WINDOW_ROWS = 65_536;
const WINDOW_GROWTH = 4;

/** For at most one condition: what is walked is what is wanted, but for what is not in the index. */
export function orderedWalk(
  search: Search,
  { range, oldestFirst, limit }: Walk,
  parameter: Parameter,
): string {
  const inRange = (row: string) =>
    `${row}.chain_seq between ${parameter(range.first)} and ${parameter(range.last)}`;
  return `(${matching(search, inRange)} order by 1 ${oldestFirst ? 'asc' : 'desc'} limit ${parameter(limit)})`;
}

/**
 * For several conditions: the log is gone through in windows, and what their indexes have in a window is joined
 * before any row is read. What meets one condition only costs an entry of an index, not a page of the table.
 */
export function windowedWalk(
  search: Search,
  { range, oldestFirst, limit }: Walk,
  parameter: Parameter,
): string {
  const [first, last, wanted] = [range.first, range.last, limit].map(
    (value) => `${parameter(value)}::bigint`,
  );
  const edges = `greatest(${first}, (select min(chain_seq) from audit_events)) as first,
    least(${last}, (select max(chain_seq) from audit_events)) as last`;
  const [lower, upper, following] = oldestFirst
    ? ['looked.next', 'least(looked.next + looked.size - 1, looked.last)', 'next + size']
    : ['greatest(looked.next - looked.size + 1, looked.first)', 'looked.next', 'next - size'];
  const here = matching(search, (row) => `${row}.chain_seq between ${lower} and ${upper}`);
  // The first `offset 0` keeps the limit from the planner, the second the rows from being looked for twice.
  return `(with recursive edges as (select ${edges}), looked as (
      select first, last, ${oldestFirst ? 'first' : 'last'} as next, ${FIRST_WINDOW_ROWS}::bigint as size,
        '{}'::bigint[] as rows, 0::bigint as found
      from edges
      union all
      select first, last, ${following},
        case when cardinality(rows_here) * ${WINDOW_GROWTH} >= ${wanted} then size
          else least(size * ${WINDOW_GROWTH}, ${LAST_WINDOW_ROWS}) end,
        rows_here, found + cardinality(rows_here)
      from looked cross join lateral (
        select array(select chain_seq from (${here} offset 0) as here
          order by chain_seq ${oldestFirst ? 'asc' : 'desc'} limit ${wanted}) as rows_here offset 0) as look
      where found < ${wanted} and next between first and last)
    select unnest(rows) as chain_seq from looked)`;
}

/** Each index by a name of its own, and the row itself only where something is to be looked up in it. */
function matching({ indexed, others }: Search, inRange: (row: string) => string): string {
  const tables = indexed.map(({ table }, index) => ({ table, name: `i${index}` }));
  if (others.length > 0 || tables.length === 0) tables.push({ table: 'audit_events', name: 'e' });
  const [leading, ...joined] = tables as [{ table: string; name: string }, ...typeof tables];
  // A join of a table with itself by its key is none to the planner, which would read the rows for the other conditions:
  // the sums keep it from knowing. Said both ways, either side can be looked up by what the other has.
  const joins = joined.map(({ table, name }, index) => {
    const same = (row: string) => `${row}.chain_seq + ${index + 1} - ${index + 1}`;
    return `join ${table} as ${name} on ${name}.chain_seq = ${same(leading.name)}
      and ${leading.name}.chain_seq = ${same(name)}`;
  });
  const from = [`${leading.table} as ${leading.name}`, ...joins].join(' ');
  const conditions = [
    ...indexed.map(({ isMet }, index) => isMet(`i${index}`)),
    ...tables.map(({ name }) => inRange(name)),
    ...others,
  ];
  return `select ${leading.name}.chain_seq from ${from} where ${conditions.join(' and ')}`;
}
