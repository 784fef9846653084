/** Rolling up, and what is rolled up, on a test's database. */
import { randomUUID } from 'node:crypto';
import type { UsageRequest } from '@hokusai/contracts';
import { type Clock, type Pool, type Queryable, systemClock } from '@hokusai/service-kit';
import { rebuildRollups } from '../../src/application/rebuild.ts';
import { createRoller } from '../../src/application/roller.ts';
import { GRAINS, type Level } from '../../src/domain/cover.ts';
import { FAMILIES, type Family, rollupTable } from '../../src/storage/families.ts';
import { createUsageReader } from '../../src/storage/reader.ts';
import { asRoller } from '../../src/storage/roller-lock.ts';
import { createRollupStore } from '../../src/storage/rollups.ts';
import { received, storeOn, type UsageDatabase } from './usage-database.ts';
import { requestOf } from './usage-events.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A clock by which the last two days, and all marks, are over. */
export const later: Clock = { ...systemClock, now: () => Date.now() + 2 * DAY_MS };

/** One turn of a roller that sees its connection through `wrap`. */
export function turnOf(pool: Pool, clock: Clock = later, wrap = (client: Queryable): Queryable => client) {
  return createRoller({
    clock,
    asLeader: (work) => asRoller(pool, (client) => work(createRollupStore(wrap(client)))),
  });
}

/** Rolls up until there is nothing left to do. */
export async function rollAll(pool: Pool, clock: Clock = later): Promise<void> {
  const turn = turnOf(pool, clock);
  while (await turn());
}

export function readerOn(pool: Pool) {
  return createUsageReader(pool);
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

/** Drops what is older at this level, as the service does; returns how many partitions that were. */
export async function dropExpired(pool: Pool, level: Level, days: number): Promise<number> {
  const { rows } = await pool.query('select drop_expired_usage($1, $2) as dropped', [level, days]);
  return rows[0].dropped;
}

/** Makes the rollups of these days anew. */
export async function rebuildOn(pool: Pool, from: Date, to: Date): Promise<void> {
  await asRoller(pool, (client) =>
    rebuildRollups(createRollupStore(client), { from, to, nowMs: later.now(), onDay: () => {} }),
  );
}

export interface StoredRequest extends UsageRequest {
  incarnation: string;
}

/** Stores requests of a gateway process of their own. */
export async function storeRequests(
  { pool }: UsageDatabase,
  changes: readonly Partial<UsageRequest>[],
  receivedAt = new Date(),
): Promise<StoredRequest[]> {
  const incarnation = randomUUID();
  const requests = changes.map((one, index) => requestOf(index + 1, one));
  const batch = { incarnation, gateway: 'gw-1', from: 1, to: requests.length, requests, refusals: [] };
  await storeOn(pool).ingest([received(batch, receivedAt)]);
  return requests.map((request) => ({ ...request, incarnation }));
}

export const EACH_FAMILY = Object.keys(FAMILIES) as Family[];

const USAGE_TABLES = [
  ...[
    'api_key_usage',
    'usage_dirty_minutes',
    'usage_claimed_minutes',
    'usage_stale_hours',
    'usage_stale_days',
  ],
  ...['key_last_use', 'anonymous_refusals', 'usage_floors'],
  ...EACH_FAMILY.flatMap((family) => GRAINS.map((grain) => rollupTable(family, grain))),
];

/** Forgets all usage. */
export async function forgetUsage({ admin }: UsageDatabase): Promise<void> {
  await admin.query(`truncate ${USAGE_TABLES.join(', ')}`);
}
