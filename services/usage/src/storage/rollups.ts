/** Rolling up: minutes from requests, hours from minutes, days from hours; always whole buckets, and anew. */
import type { Queryable } from '@hokusai/service-kit';
import { GRAIN_MS, type Grain } from '../domain/cover.ts';
import type { RollupStore } from '../domain/ports.ts';
import { FAMILIES, type Family, isKept, NO_ENDPOINT, rollupTable } from './families.ts';
import { addSums, foldRefusals, foldRequests, REQUEST_COLUMNS, SUM_COLUMNS } from './fold.ts';
import { markDay } from './kept-days.ts';
import {
  type Parameter,
  type PiecesQuery,
  parametersOf,
  piecesOf,
  selectPieces,
  type TimePiece,
} from './pieces.ts';
import { SETTINGS } from './snapshot.ts';

const EACH_FAMILY = Object.keys(FAMILIES) as Family[];
/** Of which a minute is made of its requests; the totals of a minute are made of its endpoints. */
const FOLDED_FAMILIES = EACH_FAMILY.filter((family) => family !== 'total' && isKept(family, 'minute'));
/** No bucket is begun again and again while its last requests are still on their way. */
const SETTLE_MS = 5000;
/** A minute that goes on being marked is rolled up when that has ceased for so long. */
const MARK_AGE_MS = 10_000;

export function createRollupStore(client: Queryable): RollupStore {
  return {
    due: (grain, bounds) =>
      grain === 'minute'
        ? inTransaction(client, 'read committed', () => claimMinutes(client, bounds))
        : staleBuckets(client, grain, bounds),
    roll: async (grain, starts) => {
      await ensurePartitions(client, grain, starts);
      await inTransaction(client, 'repeatable read', () =>
        grain === 'minute' ? rollMinutes(client, starts) : rollStale(client, grain, starts),
      );
    },
    markDay: (day) => inTransaction(client, 'read committed', () => markDay(client, day)),
  };
}

type Bounds = Parameters<RollupStore['due']>[1];

async function claimMinutes(client: Queryable, { nowMs, limit, aside }: Bounds): Promise<Date[]> {
  // Whoever stores requests holds the marks of their minutes until the commit: a minute whose mark is free has no
  // requests on their way that rely on it, and from the commit on others set a mark that stands after this one.
  await client.query(
    `with claimed as (
       delete from usage_dirty_minutes where minute in (
         select minute from usage_dirty_minutes
         where minute <= $1::timestamptz - interval '1 minute' and marked_at <= $2::timestamptz
         order by minute desc limit greatest($3 - (select count(*) from usage_claimed_minutes where minute <> all ($4)), 0)
         for update skip locked)
       returning minute)
     insert into usage_claimed_minutes (minute) select minute from claimed on conflict do nothing`,
    [new Date(nowMs - SETTLE_MS), new Date(nowMs - MARK_AGE_MS), limit, aside],
  );
  const { rows } = await client.query<{ minute: Date }>(
    'select minute from usage_claimed_minutes order by minute desc',
  );
  return rows.map(({ minute }) => minute);
}

async function rollMinutes(client: Queryable, minutes: readonly Date[]): Promise<void> {
  const pieces = piecesOf(minutes, GRAIN_MS.minute);
  const requests = { table: 'api_key_usage', time: 'timestamp', pieces };
  for (const family of FOLDED_FAMILIES) {
    const columns = [startOf('minute', 'timestamp'), ...FAMILIES[family], ...REQUEST_COLUMNS];
    const by = ['start', ...FAMILIES[family]];
    await replace(client, { family, grain: 'minute', starts: minutes }, (parameter) => {
      const folded = foldRequests(selectPieces({ ...requests, columns }, parameter), by);
      if (family !== 'endpoint') return folded;
      return addSums([folded, foldRefusals(refusalsIn(pieces, parameter), by)], by);
    });
  }
  const endpoints = { table: rollupTable('endpoint', 'minute'), time: 'start', pieces };
  await replace(client, { family: 'total', grain: 'minute', starts: minutes }, (parameter) =>
    addSums([selectPieces({ ...endpoints, columns: ['start', ...SUM_COLUMNS] }, parameter)], ['start']),
  );
  await rememberUse(client, requests);
  await markStale(client, 'hour', minutes);
  await client.query('delete from usage_claimed_minutes where minute = any($1)', [minutes]);
}

function refusalsIn(pieces: readonly TimePiece[], parameter: Parameter): string {
  const columns = [startOf('minute', 'minute'), ...NO_ENDPOINT, 'reason', 'count'];
  return selectPieces({ columns, table: 'anonymous_refusals', time: 'minute', pieces }, parameter);
}

async function rememberUse(client: Queryable, requests: Omit<PiecesQuery, 'columns'>): Promise<void> {
  const values: unknown[] = [];
  const relation = selectPieces({ ...requests, columns: ['api_key_id', 'timestamp'] }, parametersOf(values));
  await client.query(
    `insert into key_last_use as known (api_key_id, last_used_at)
     select api_key_id, max(timestamp) from (${relation}) as request
     where api_key_id is not null group by api_key_id
     on conflict (api_key_id) do update set last_used_at = excluded.last_used_at
     where excluded.last_used_at > known.last_used_at`,
    values,
  );
}

async function staleBuckets(
  client: Queryable,
  grain: 'hour' | 'day',
  { nowMs, limit, aside }: Bounds,
): Promise<Date[]> {
  const { rows } = await client.query<{ start: Date }>(
    `with over as (select start from usage_stale_${grain}s where start <= $1)
     (select start from over where start <> all ($3) order by start desc limit $2)
     union all (select start from over where start = any ($3))`,
    [new Date(nowMs - SETTLE_MS - GRAIN_MS[grain]), limit, aside],
  );
  return rows.map(({ start }) => start);
}

async function rollStale(client: Queryable, grain: 'hour' | 'day', starts: readonly Date[]): Promise<void> {
  const finer = grain === 'hour' ? 'minute' : 'hour';
  const pieces = piecesOf(starts, GRAIN_MS[grain]);
  for (const family of EACH_FAMILY) {
    const columns = [startOf(grain, 'start'), ...FAMILIES[family], ...SUM_COLUMNS];
    const sums = { table: rollupTable(family, finer), time: 'start', pieces, columns };
    await replace(client, { family, grain, starts }, (parameter) =>
      addSums([selectPieces(sums, parameter)], ['start', ...FAMILIES[family]]),
    );
  }
  if (grain === 'hour') await markStale(client, 'day', starts);
  await client.query(`delete from usage_stale_${grain}s where start = any($1)`, [starts]);
}

/** In fixed lengths since the epoch, which is UTC: a day always has 24 hours. */
function startOf(grain: Grain, time: string): string {
  return `date_bin('${GRAIN_MS[grain] / 1000} seconds', ${time}, 'epoch') as start`;
}

async function replace(
  client: Queryable,
  { family, grain, starts }: { family: Family; grain: Grain; starts: readonly Date[] },
  sumsWith: (parameter: Parameter) => string,
): Promise<void> {
  const table = rollupTable(family, grain);
  const columns = ['start', ...FAMILIES[family], ...SUM_COLUMNS];
  const values: unknown[] = [];
  const sums = sumsWith(parametersOf(values));
  await client.query(`delete from ${table} where start = any($1)`, [starts]);
  await client.query(`insert into ${table} (${columns.join(', ')}) ${sums}`, values);
}

async function markStale(client: Queryable, grain: 'hour' | 'day', parts: readonly Date[]): Promise<void> {
  const lengthMs = GRAIN_MS[grain];
  const starts = new Set(parts.map((part) => Math.floor(part.getTime() / lengthMs) * lengthMs));
  await client.query(
    `insert into usage_stale_${grain}s (start) select unnest($1::timestamptz[]) on conflict do nothing`,
    [[...starts].map((ms) => new Date(ms))],
  );
}

async function ensurePartitions(client: Queryable, grain: Grain, starts: readonly Date[]): Promise<void> {
  await client.query('select ensure_rollup_partitions($1, $2::timestamptz[])', [`${grain}s`, starts]);
}

async function inTransaction<Result>(
  client: Queryable,
  isolation: 'read committed' | 'repeatable read',
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query(`begin isolation level ${isolation}`);
  try {
    await client.query(SETTINGS);
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    // Where this fails as well, the connection is given up, and with it the transaction.
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
