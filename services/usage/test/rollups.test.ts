import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import fc from 'fast-check';
import { GRAIN_MS, GRAINS, type Grain } from '../src/domain/cover.ts';
import { latencyBucket } from '../src/domain/latency-sketch.ts';
import { FAMILIES, type Family, isKept, rollupTable } from '../src/storage/families.ts';
import { asRoller } from '../src/storage/roller-lock.ts';
import { createRollupStore } from '../src/storage/rollups.ts';
import { anyRequests, anySelection, MIDNIGHT_MS } from './support/random-usage.ts';
import {
  breakingAfter,
  EACH_FAMILY,
  forgetUsage,
  later,
  readerOn,
  rebuildOn,
  rollAll,
  type StoredRequest,
  storeRequests,
  turnOf,
} from './support/rolling.ts';
import { openUsageDatabase, poolOf, type UsageDatabase } from './support/usage-database.ts';
import {
  groupBy,
  type ModelSums,
  selectRequests,
  sumsOfRequests,
  totalsOfRequests,
} from './support/usage-model.ts';

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ingest: anyRequests }) },
  { weight: 3, arbitrary: fc.constant('turn' as const) },
  { weight: 1, arbitrary: fc.record({ crashAfter: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant('rebuild' as const) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

/** The days around the midnight. */
const FROM = new Date(MIDNIGHT_MS - GRAIN_MS.day);
const TO = new Date(MIDNIGHT_MS + GRAIN_MS.day);

describe('rollups', function () {
  this.timeout(180_000);
  let db: UsageDatabase;

  before(async () => {
    // A day with 23 or 25 hours would show wherever local time crept in.
    db = await openUsageDatabase({ timezone: 'America/New_York' });
  });
  after(() => db.close());
  beforeEach(() => forgetUsage(db));

  /** What a table holds, by what it tells apart. */
  async function rolledUp(family: Family, grain: Grain): Promise<Record<string, ModelSums>> {
    const { rows } = await db.pool.query(`select * from ${rollupTable(family, grain)}`);
    const entries = rows.map((row): [string, ModelSums] => [
      JSON.stringify([row.start.getTime(), ...FAMILIES[family].map((column) => row[column])]),
      sumsOfRow(row),
    ]);
    assert.equal(new Set(entries.map(([key]) => key)).size, entries.length, 'each bucket is there once');
    return Object.fromEntries(entries);
  }

  async function assertRolledUp(stored: readonly StoredRequest[]): Promise<void> {
    for (const family of EACH_FAMILY)
      for (const grain of GRAINS.filter((each) => isKept(family, each))) {
        const expected = expectedIn(family, grain, stored);
        assert.deepEqual(await rolledUp(family, grain), expected, `${family} per ${grain}`);
      }
  }

  /** Returns what was stored in the step. */
  async function take(step: Step): Promise<StoredRequest[]> {
    if (step === 'turn') await turnOf(db.pool)();
    else if (step === 'rebuild') await rebuildOn(db.pool, FROM, TO);
    else if ('ingest' in step) return await storeRequests(db, step.ingest);
    else await killedAfter(step.crashAfter);
    return [];
  }

  async function killedAfter(statements: number): Promise<void> {
    const turn = turnOf(db.pool, later, breakingAfter(statements));
    await turn().catch((error: Error) => assert.match(String(error.cause ?? error), /was killed/));
  }

  it('are the sums of the requests, in whatever order those came, whoever was killed between', async () => {
    const anySteps = fc.array(fc.tuple(anyStep, anySelection), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(anySteps, async (steps) => {
        await forgetUsage(db);
        const stored: StoredRequest[] = [];
        for (const [step, selection] of steps) {
          stored.push(...(await take(step)));
          const expected = totalsOfRequests(selectRequests(stored, selection));
          assert.deepEqual(await readerOn(db.pool).summary(selection), expected);
        }
        await rollAll(db.pool);
        await assertRolledUp(stored);
        assert.equal((await db.pool.query('select from usage_dirty_minutes')).rowCount, 0);
      }),
      { numRuns: 15 },
    );
  });

  it('are put right by a rebuild, whatever has become of them', async () => {
    const stored = await storeRequests(db, [
      { timestamp: new Date(MIDNIGHT_MS - 5).toISOString() },
      { timestamp: new Date(MIDNIGHT_MS + 5).toISOString() },
    ]);
    await rollAll(db.pool);
    await assertRolledUp(stored);
    await db.admin.query('update key_usage_minutes set requests = 7');
    await db.admin.query('update endpoint_usage_days set refusals = \'{"made_up": 1}\'');
    await db.admin.query(
      "update client_usage_hours set start = start + interval '1 hour' where start >= $1",
      [new Date(MIDNIGHT_MS)],
    );
    await rebuildOn(db.pool, FROM, TO);
    await assertRolledUp(stored);
  });

  it('take a minute anew when requests come late', async () => {
    const timestamp = new Date(MIDNIGHT_MS + 90_000).toISOString();
    const stored = await storeRequests(db, [{ timestamp }]);
    await rollAll(db.pool);
    stored.push(...(await storeRequests(db, [{ timestamp, response_time_ms: 800 }])));
    await rollAll(db.pool);
    await assertRolledUp(stored);
  });

  it('leave alone a minute of which requests are on their way', async () => {
    const timestamp = new Date(MIDNIGHT_MS).toISOString();
    const stored = await storeRequests(db, [{ timestamp }]);
    const storing = await db.pool.connect();
    try {
      // As a transaction does that stores more of them.
      await storing.query('begin');
      await storing.query('update usage_dirty_minutes set marked_at = clock_timestamp()');
      await rollAll(db.pool);
      assert.deepEqual(await rolledUp('key', 'minute'), {});
      await storing.query('commit');
    } finally {
      storing.release();
    }
    await rollAll(db.pool);
    await assertRolledUp(stored);
  });

  it('wait for a minute to be over, and for its marks to cease', async () => {
    const now = Date.now();
    await storeRequests(db, [{ timestamp: new Date(now).toISOString() }]);
    const claimAt = (nowMs: number) =>
      asRoller(db.pool, (client) => createRollupStore(client).due('minute', { nowMs, limit: 10, aside: [] }));
    assert.deepEqual(await claimAt(now + 1000), []);
    const endMs = Math.floor(now / GRAIN_MS.minute + 1) * GRAIN_MS.minute;
    assert.deepEqual(await claimAt(endMs + 4000), []);
    const minute = new Date(endMs - GRAIN_MS.minute);
    assert.deepEqual(await claimAt(endMs + 30_000), [minute]);
    assert.deepEqual(await claimAt(endMs + 30_000), [minute], 'what was taken and not rolled up');
  });

  it('are made by one replica at a time', async () => {
    const other = poolOf(db.database.url);
    try {
      const outcome = await asRoller(db.pool, () => asRoller(other, () => Promise.resolve('rolled')));
      assert.equal(outcome, undefined);
      assert.equal(await asRoller(other, () => Promise.resolve('rolled')), 'rolled');
      await assert.rejects(asRoller(db.pool, () => Promise.reject(new Error('it breaks'))));
      await eventually(async () =>
        assert.equal(await asRoller(other, () => Promise.resolve('rolled')), 'rolled'),
      );
    } finally {
      await other.end();
    }
  });

  it('sort latencies into the same buckets as the answers do', async () => {
    const bounds = Array.from({ length: 1400 }, (_, n) => 0.001 * (1.01 / 0.99) ** n);
    const values = [0, 1e-9, 1e300, ...bounds, ...bounds.map((ms) => ms * (1 + Number.EPSILON))];
    const agree = async (times: readonly number[]) => {
      const { rows } = await db.pool.query<{ bucket: number }>(
        `select latency_bucket(ms) as bucket from unnest($1::double precision[]) with ordinality as t (ms, n) order by n`,
        [times],
      );
      assert.deepEqual(
        rows.map(({ bucket }) => bucket),
        times.map(latencyBucket),
      );
    };
    await agree(values);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 0, max: 1e10, noNaN: true }), { maxLength: 200 }), agree),
      { numRuns: 30 },
    );
  });
});

function sumsOfRow(row: {
  requests: string;
  informational: string;
  successful: string;
  redirected: string;
  client_errors: string;
  server_errors: string;
  bytes_in: string;
  bytes_out: string;
  refusals: Record<string, number>;
  latency_buckets: number[];
  latency_counts: string[];
}): ModelSums {
  const { informational, successful, redirected, client_errors, server_errors } = row;
  return {
    requests: Number(row.requests),
    classes: [informational, successful, redirected, client_errors, server_errors].map(Number),
    bytesIn: Number(row.bytes_in),
    bytesOut: Number(row.bytes_out),
    refusals: row.refusals,
    sketch: Object.fromEntries(
      row.latency_buckets.map((bucket, index) => [bucket, Number(row.latency_counts[index])]),
    ),
  };
}

function expectedIn(
  family: Family,
  grain: Grain,
  requests: readonly StoredRequest[],
): Record<string, ModelSums> {
  const columns = FAMILIES[family].map((column) => (column === 'api_key_id' ? 'key_id' : column));
  const groups = groupBy(requests, (request) => {
    const start = Math.floor(Date.parse(request.timestamp) / GRAIN_MS[grain]) * GRAIN_MS[grain];
    return JSON.stringify([start, ...columns.map((column) => request[column])]);
  });
  return Object.fromEntries([...groups].map(([key, group]) => [key, sumsOfRequests(group)]));
}
