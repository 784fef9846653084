/** Rolling up on a test's database. */
import { type Clock, type Pool, type Queryable, systemClock } from '@hokusai/service-kit';
import { createRoller } from '../../src/application/roller.ts';
import { createUsageReader } from '../../src/storage/reader.ts';
import { asRoller } from '../../src/storage/roller-lock.ts';
import { createRollupStore } from '../../src/storage/rollups.ts';

export const RETENTION = { raw: 90, minute: 30, hour: 400, day: 1826 };

const DAY_MS = 24 * 60 * 60 * 1000;

/** A clock by which the last two days, and all marks, are over. */
export const later: Clock = { ...systemClock, now: () => Date.now() + 2 * DAY_MS };

/** One turn of a roller that sees its connection through `wrap`. */
export function turnOf(pool: Pool, clock: Clock = later, wrap = (client: Queryable): Queryable => client) {
  return createRoller({
    clock,
    asLeader: (work) => asRoller(pool, (client) => work(createRollupStore(wrap(client), RETENTION))),
  });
}

/** Rolls up until there is nothing left to do. */
export async function rollAll(pool: Pool, clock: Clock = later): Promise<void> {
  const turn = turnOf(pool, clock);
  while (await turn());
}

export function readerOn(pool: Pool) {
  return createUsageReader({ pool, clock: systemClock, retention: RETENTION });
}

/** A connection that breaks at its `count`th statement, for good. */
export function breakingAfter(count: number): (client: Queryable) => Queryable {
  let left = count;
  return (client) => ({
    query: ((...args: Parameters<Queryable['query']>) => {
      if (left-- <= 0) return Promise.reject(new Error('the process was killed'));
      return client.query(...args);
    }) as Queryable['query'],
  });
}
