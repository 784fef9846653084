import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { UsageRequest } from '@hokusai/contracts';
import fc from 'fast-check';
import { rebuildRollups } from '../src/application/rebuild.ts';
import type { UsageSelection } from '../src/domain/access.ts';
import { GRAIN_MS, GRAINS, type Grain } from '../src/domain/cover.ts';
import { FAMILIES, type Family, rollupTable } from '../src/storage/families.ts';
import { asRoller } from '../src/storage/roller-lock.ts';
import { createRollupStore } from '../src/storage/rollups.ts';
import { breakingAfter, later, RETENTION, readerOn, rollAll, turnOf } from './support/rolling.ts';
import { openUsageDatabase, received, storeOn, type UsageDatabase } from './support/usage-database.ts';
import { requestOf } from './support/usage-events.ts';
import { groupBy, type ModelSums, sumsOfRequests, totalsOfRequests } from './support/usage-model.ts';

/** The hours around the last midnight but one: minutes, hours and days that are over. */
const MIDNIGHT_MS = Math.floor(Date.now() / GRAIN_MS.day) * GRAIN_MS.day - GRAIN_MS.day;
const SPAN_MS = 2 * GRAIN_MS.hour;

const KEYS = ['0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10', '1b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10'];
const USERS = ['5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11', '6d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11'];
const ENDPOINTS = ['/api/2.0/mlflow/runs/get', '/api/2.0/mlflow/runs/search'];

/** A few minutes get most of the requests, so that these are rolled up again and again. */
const anyTimeMs = fc.oneof(
  fc.integer({ min: -SPAN_MS, max: SPAN_MS - 1 }),
  fc.integer({ min: -120_000, max: 120_000 }),
);
const anyRequest = fc.record({
  timestamp: anyTimeMs.map((ms) => new Date(MIDNIGHT_MS + ms).toISOString()),
  key_id: fc.constantFrom(...KEYS),
  user_id: fc.constantFrom(...USERS),
  endpoint: fc.constantFrom(...ENDPOINTS),
  method: fc.constantFrom('GET', 'POST'),
  client_ip: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  status_code: fc.constantFrom(101, 200, 302, 404, 429, 500, 503),
  refusal: fc.constantFrom(null, null, 'rate_limited', 'key_revoked'),
  response_time_ms: fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.constantFrom(0, 0.0005, 0.001, 1, 12.5, 1e12),
  ),
  bytes_in: fc.nat(),
  bytes_out: fc.nat(),
});

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ ingest: fc.array(anyRequest, { minLength: 1, maxLength: 12 }) }) },
  { weight: 3, arbitrary: fc.constant('turn' as const) },
  { weight: 1, arbitrary: fc.record({ crashAfter: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ rebuild: fc.boolean() }) },
);

const anySelection = fc.record({
  keyId: fc.option(fc.constantFrom(...KEYS)),
  userId: fc.option(fc.constantFrom(...USERS)),
  endpoint: fc.option(fc.constantFrom(...ENDPOINTS)),
  edges: fc.tuple(anyTimeMs, anyTimeMs, fc.constantFrom(1, 1000, 60_000, 3_600_000)),
});

function selectionOf({
  edges,
  ...filter
}: typeof anySelection extends fc.Arbitrary<infer T> ? T : never): UsageSelection {
  const [a, b, unit] = edges;
  const at = (ms: number) => new Date(MIDNIGHT_MS + Math.floor(ms / unit) * unit);
  return { ...filter, from: at(Math.min(a, b)), to: at(Math.max(a, b)) };
}

function select(requests: readonly UsageRequest[], selection: UsageSelection): UsageRequest[] {
  const { keyId, userId, endpoint, from, to } = selection;
  return requests.filter(
    (request) =>
      (keyId === null || request.key_id === keyId) &&
      (userId === null || request.user_id === userId) &&
      (endpoint === null || request.endpoint === endpoint) &&
      Date.parse(request.timestamp) >= from.getTime() &&
      Date.parse(request.timestamp) < to.getTime(),
  );
}

interface Stored extends UsageRequest {
  incarnation: string;
}

describe('rollups', () => {
  let db: UsageDatabase;

  before(async function () {
    this.timeout(120_000);
    // A day with 23 or 25 hours would show wherever local time crept in.
    db = await openUsageDatabase({ timezone: 'America/New_York' });
  });
  after(() => db.close());

  const empty = () =>
    db.admin.query(
      `truncate api_key_usage, usage_dirty_minutes, usage_claimed_minutes, usage_stale_hours, usage_stale_days,
         key_last_use, ${(Object.keys(FAMILIES) as Family[])
           .flatMap((family) => GRAINS.map((grain) => rollupTable(family, grain)))
           .join(', ')}`,
    );

  async function ingest(changes: readonly Partial<UsageRequest>[]): Promise<Stored[]> {
    const incarnation = randomUUID();
    const requests = changes.map((one, index) => requestOf(index + 1, one));
    const batch = { incarnation, gateway: 'gw-1', from: 1, to: requests.length, requests, refusals: [] };
    await storeOn(db.pool).ingest([received(batch)]);
    return requests.map((request) => ({ ...request, incarnation }));
  }

  const rebuild = () =>
    asRoller(db.pool, (client) =>
      rebuildRollups(createRollupStore(client, RETENTION), {
        from: new Date(MIDNIGHT_MS - GRAIN_MS.day),
        to: new Date(MIDNIGHT_MS + GRAIN_MS.day),
        nowMs: later.now(),
        onDay: () => {},
      }),
    );

  /** What the table holds, by what it tells apart. */
  async function rolledUp(family: Family, grain: Grain): Promise<Record<string, ModelSums>> {
    const { rows } = await db.pool.query(`select * from ${rollupTable(family, grain)}`);
    const entries = rows.map((row): [string, ModelSums] => [
      JSON.stringify([row.start.getTime(), ...FAMILIES[family].map((column) => row[column])]),
      {
        requests: Number(row.requests),
        classes: [
          row.informational,
          row.successful,
          row.redirected,
          row.client_errors,
          row.server_errors,
        ].map(Number),
        bytesIn: Number(row.bytes_in),
        bytesOut: Number(row.bytes_out),
        refusals: row.refusals,
        sketch: Object.fromEntries(
          row.latency_buckets.map((bucket: number, index: number) => [
            bucket,
            Number(row.latency_counts[index]),
          ]),
        ),
      },
    ]);
    assert.equal(new Set(entries.map(([key]) => key)).size, entries.length, 'each bucket is there once');
    return Object.fromEntries(entries);
  }

  function expected(requests: readonly Stored[], family: Family, grain: Grain): Record<string, ModelSums> {
    const columns = FAMILIES[family].map((column) => (column === 'api_key_id' ? 'key_id' : column));
    const groups = groupBy(requests, (request) => {
      const start = Math.floor(Date.parse(request.timestamp) / GRAIN_MS[grain]) * GRAIN_MS[grain];
      return JSON.stringify([start, ...columns.map((column) => request[column as keyof Stored])]);
    });
    return Object.fromEntries([...groups].map(([key, group]) => [key, sumsOfRequests(group)]));
  }

  async function assertRolledUp(stored: readonly Stored[]): Promise<void> {
    for (const family of Object.keys(FAMILIES) as Family[])
      for (const grain of GRAINS)
        assert.deepEqual(
          await rolledUp(family, grain),
          expected(stored, family, grain),
          `${family} per ${grain}`,
        );
  }

  /** Returns what was stored in the step. */
  async function take(step: typeof anyStep extends fc.Arbitrary<infer T> ? T : never): Promise<Stored[]> {
    if (step === 'turn') await turnOf(db.pool)();
    else if ('ingest' in step) return await ingest(step.ingest);
    else if ('rebuild' in step) await rebuild();
    else
      await turnOf(db.pool, later, breakingAfter(step.crashAfter))().catch((error: Error) =>
        assert.match(error.message, /was killed/),
      );
    return [];
  }

  it('are the sums of the requests, in whatever order those came, whoever was killed between', async function () {
    this.timeout(180_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyStep, anySelection), { minLength: 2, maxLength: 8 }),
        async (steps) => {
          await empty();
          const stored: Stored[] = [];
          for (const [step, asked] of steps) {
            stored.push(...(await take(step)));
            const selection = selectionOf(asked);
            const expected = totalsOfRequests(select(stored, selection));
            assert.deepEqual(await readerOn(db.pool).summary(selection), expected);
          }
          await rollAll(db.pool);
          await assertRolledUp(stored);
          const marks = await db.pool.query('select from usage_dirty_minutes');
          assert.equal(marks.rowCount, 0);
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 20) },
    );
  });
});
