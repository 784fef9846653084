/** Several statements that see the same state of the database, and what is settled in that state. */
import { type Clock, type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { type CoverState, type Floors, GRAIN_MS, type Level } from '../domain/cover.ts';

/** For how many days each is kept. */
export type RetentionDays = Readonly<Record<Level, number>>;

/**
 * For a transaction that sums up. Requests come in millions and are of few groups, or have a group each: hashing them
 * is twice as fast as sorting, which Postgres prefers for what it takes for many groups. What says `order by` is sorted
 * all the same.
 */
export const SETTINGS = "set local jit = off; set local work_mem = '32MB'; set local enable_sort = off";

export interface Snapshot {
  client: Queryable;
  state: CoverState;
}

export function inSnapshot<Result>(
  pool: Pool,
  { retention, clock }: { retention: RetentionDays; clock: Clock },
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  return transaction(pool, async (client) => {
    await client.query(`set transaction isolation level repeatable read read only; ${SETTINGS}`);
    const unsettled = await readUnsettled(client);
    return await work({ client, state: { floors: floorsOf(retention, clock.now()), unsettled } });
  });
}

/** Midnights (UTC) since which each level is complete. */
export function floorsOf(retention: RetentionDays, nowMs: number): Floors {
  const floor = (days: number) => (Math.floor(nowMs / GRAIN_MS.day) - days) * GRAIN_MS.day;
  const { raw, minute, hour, day } = retention;
  return { raw: floor(raw), minute: floor(minute), hour: floor(hour), day: floor(day) };
}

async function readUnsettled(client: Queryable): Promise<CoverState['unsettled']> {
  const { rows } = await client.query<{ grain: 'minutes' | 'hours' | 'days'; start: Date }>(
    `select 'minutes' as grain, minute as start from usage_dirty_minutes
     union all select 'minutes', minute from usage_claimed_minutes
     union all select 'hours', start from usage_stale_hours
     union all select 'days', start from usage_stale_days`,
  );
  const of = (grain: string) => rows.filter((row) => row.grain === grain).map(({ start }) => start.getTime());
  return { minutes: of('minutes'), hours: of('hours'), days: of('days') };
}
