/** A question about usage as one statement over the pieces that answer it. */
import { GRAINS, type Level, type Piece } from '../domain/cover.ts';
import { FAMILIES, type Family, rollupTable } from './families.ts';
import { FOLDED_COLUMNS, fold, partsOfRequests, partsOfSums, REQUEST_COLUMNS } from './fold.ts';

export interface UsageQuery {
  family: Family;
  pieces: readonly Piece[];
  /** Columns of the family to group by, or `slot` where there are slots. */
  by: readonly string[];
  /** By column, the values that are selected; a column that is absent is not filtered by. */
  where: Readonly<Record<string, readonly string[]>>;
  /** Starts of the slots that `slot` numbers from 1. */
  slots?: readonly Date[];
}

const IDS: ReadonlySet<string> = new Set(['api_key_id', 'user_id', 'incarnation']);

export interface Statement {
  text: string;
  values: unknown[];
}

/** The folded sums of each group. */
export function sumsOf(query: UsageQuery): Statement {
  const values: unknown[] = [];
  const parts = levelsOf(query).map((level) => {
    const relation = relationOf(query, level, values);
    return level === 'raw' ? partsOfRequests(relation, query.by) : partsOfSums(relation, query.by);
  });
  return { text: fold(parts, query.by), values };
}

/** How many requests a group has, and how many of those the rollups hold. */
export interface CountRow {
  value: string;
  requests: string;
  rolled_up: string;
}

/** Groups by one column, the ones with the most requests first; `limit` null: all of them. */
export function countsOf(query: UsageQuery, limit: number | null): Statement {
  const values: unknown[] = [limit];
  const counts = levelsOf(query).map((level) => {
    const [requests, rolledUp] = level === 'raw' ? ['1', '0'] : ['requests', 'requests'];
    const relation = relationOf(query, level, values);
    return `select ${query.by[0]}::text as value, ${requests} as requests, ${rolledUp} as rolled_up from (${relation}) as counted`;
  });
  const text = `
    select value, sum(requests) as requests, sum(rolled_up) as rolled_up
    from (${counts.join(' union all ')}) as counts
    where value is not null group by value order by 2 desc, 1 limit $1`;
  return { text, values };
}

/** Always one at least, so that there is something to select from. */
function levelsOf({ pieces }: UsageQuery): Level[] {
  const levels = [...GRAINS, 'raw' as const].filter((level) => pieces.some((piece) => piece.level === level));
  return levels.length > 0 ? levels : ['day'];
}

/** `values` gets the values of the relation's parameters. */
function relationOf(query: UsageQuery, level: Level, values: unknown[]): string {
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const pieces = query.pieces.filter((piece) => piece.level === level);
  const times = (edge: 'fromMs' | 'toMs') =>
    `${parameter(pieces.map((piece) => new Date(piece[edge])))}::timestamptz[]`;
  const start = level === 'raw' ? 'timestamp' : 'start';
  const table = level === 'raw' ? 'api_key_usage' : rollupTable(query.family, level);
  const slot = query.slots
    ? [`width_bucket(${start}, ${parameter(query.slots)}::timestamptz[]) as slot`]
    : [];
  const measures = level === 'raw' ? REQUEST_COLUMNS : FOLDED_COLUMNS;
  const columns = [...slot, ...FAMILIES[query.family], ...measures];
  const conditions = Object.entries(query.where).map(
    ([column, selected]) => `${column} = any(${parameter(selected)}::${IDS.has(column) ? 'uuid' : 'text'}[])`,
  );
  return `
    select ${columns.join(', ')}
    from unnest(${times('fromMs')}, ${times('toMs')}) as piece (first_moment, end_moment)
    join ${table} on ${[`${start} >= piece.first_moment`, `${start} < piece.end_moment`, ...conditions].join(' and ')}`;
}
