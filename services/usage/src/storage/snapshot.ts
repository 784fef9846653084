/** Several statements that see the same state of the database, and what is settled in that state. */
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { type CoverState, type Floors, type Level, NO_FLOORS } from '../domain/cover.ts';

/**
 * For a transaction that sums up. Requests come in millions and are of few groups, or have a group each: hashing them
 * is twice as fast as sorting, which Postgres prefers for what it takes for many groups. What says `order by` is sorted
 * all the same.
 */
export const SETTINGS = "set local jit = off; set local work_mem = '32MB'; set local enable_sort = off";

/**
 * Until the end of the transaction nothing is dropped that is complete by `readFloors`. Comes before a snapshot is
 * taken: dropped partitions are gone from older snapshots as well.
 */
export const HOLD_FLOORS = 'lock table usage_floors in access share mode';

export interface Snapshot {
  client: Queryable;
  state: CoverState;
}

export function inSnapshot<Result>(
  pool: Pool,
  work: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> {
  return transaction(pool, async (client) => {
    await client.query(
      `set transaction isolation level repeatable read read only; ${HOLD_FLOORS}; ${SETTINGS}`,
    );
    const state = { floors: await readFloors(client), unsettled: await readUnsettled(client) };
    return await work({ client, state });
  });
}

/** Not what is to be kept by now, but what was dropped: that doesn't come back when it is to be kept for longer. */
async function readFloors(client: Queryable): Promise<Floors> {
  const { rows } = await client.query<{ level: Level; complete_since: Date }>(
    'select level, complete_since from usage_floors',
  );
  const dropped = rows.map(({ level, complete_since }) => [level, complete_since.getTime()]);
  return { ...NO_FLOORS, ...Object.fromEntries(dropped) };
}

async function readUnsettled(client: Queryable): Promise<CoverState['unsettled']> {
  const { rows } = await client.query<{ grain: 'minutes' | 'hours' | 'days'; start: Date }>(
    'select grain, start from usage_unsettled',
  );
  const of = (grain: string) => rows.filter((row) => row.grain === grain).map(({ start }) => start.getTime());
  return { minutes: of('minutes'), hours: of('hours'), days: of('days') };
}
