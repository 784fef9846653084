/** A question about usage as one statement over the pieces that answer it. */
import { GRAINS, type Level, type Piece } from '../domain/cover.ts';
import { FAMILIES, type Family, NO_ENDPOINT, rollupTable } from './families.ts';
import { addSums, foldRefusals, foldRequests, REQUEST_COLUMNS, SUM_COLUMNS } from './fold.ts';
import { type Parameter, parametersOf, selectPieces } from './pieces.ts';

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

/** Requests are folded by the minute at first, however few groups there are: of a group all is in memory at once. */
const MINUTE = 'minute';
const IDS: ReadonlySet<string> = new Set(['api_key_id', 'user_id', 'incarnation']);

export interface Statement {
  text: string;
  values: unknown[];
}

/** The folded sums of each group; refusals without a known key are in that of no endpoint, or in the one of all. */
export function sumsOf(query: UsageQuery): Statement {
  const values: unknown[] = [];
  const relations = levelsOf(query).flatMap((level) => {
    const relation = relationOf(query, level, values);
    const sums = level === 'raw' ? foldRequests(relation, [...query.by, MINUTE]) : relation;
    const selected = `select ${[...query.by, ...SUM_COLUMNS].join(', ')} from (${sums}) as sums`;
    if (level !== 'raw' || !isOfEverybody(query)) return [selected];
    return [selected, foldRefusals(refusalsOf(query, values), query.by)];
  });
  return { text: addSums(relations, query.by), values };
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
    where value is not null group by value having sum(requests) > 0 order by 2 desc, 1 limit $1`;
  return { text, values };
}

/** Always one at least, so that there is something to select from. */
function levelsOf({ pieces }: UsageQuery): Level[] {
  const levels = [...GRAINS, 'raw' as const].filter((level) => pieces.some((piece) => piece.level === level));
  return levels.length > 0 ? levels : ['day'];
}

/** Refusals without a known key belong to no key, user or endpoint. */
function isOfEverybody({ family, where }: UsageQuery): boolean {
  return (family === 'endpoint' || family === 'total') && Object.keys(where).length === 0;
}

function refusalsOf(query: UsageQuery, values: unknown[]): string {
  const parameter = parametersOf(values);
  const columns = [...slotOf(query, 'minute', parameter), ...NO_ENDPOINT, 'reason', 'count'];
  const pieces = query.pieces.filter(({ level }) => level === 'raw');
  return selectPieces({ columns, table: 'anonymous_refusals', time: 'minute', pieces }, parameter);
}

function slotOf({ slots }: UsageQuery, time: string, parameter: Parameter): string[] {
  return slots ? [`width_bucket(${time}, ${parameter(slots)}::timestamptz[]) as slot`] : [];
}

/** `values` gets the values of the relation's parameters. */
function relationOf(query: UsageQuery, level: Level, values: unknown[]): string {
  const parameter = parametersOf(values);
  const isRaw = level === 'raw';
  const time = isRaw ? 'timestamp' : 'start';
  const where = Object.entries(query.where).map(
    ([column, selected]) => `${column} = any(${parameter(selected)}::${IDS.has(column) ? 'uuid' : 'text'}[])`,
  );
  return selectPieces(
    {
      columns: [
        ...slotOf(query, time, parameter),
        ...FAMILIES[query.family],
        ...(isRaw
          ? [`date_bin('1 minute', timestamp, 'epoch') as ${MINUTE}`, ...REQUEST_COLUMNS]
          : SUM_COLUMNS),
      ],
      table: isRaw ? 'api_key_usage' : rollupTable(query.family, level),
      time,
      pieces: query.pieces.filter((piece) => piece.level === level),
      where,
    },
    parameter,
  );
}
