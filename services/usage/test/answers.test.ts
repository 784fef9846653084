import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts';
import type { UsageGranularity } from '@hokusai/contracts/usage-periods';
import fc from 'fast-check';
import type { UsageSelection } from '../src/domain/access.ts';
import { GRAIN_MS } from '../src/domain/cover.ts';
import type { UnusedPosition } from '../src/domain/ports.ts';
import { bucketStarts } from '../src/domain/series.ts';
import { createKeyProjection } from '../src/storage/key-projection.ts';
import { judgedOn } from './support/accounts.ts';
import { anyRequests, anySelection, ENDPOINTS, KEYS, MIDNIGHT_MS, USERS } from './support/random-usage.ts';
import {
  dropExpired,
  forgetUsage,
  readerOn,
  rollAll,
  type StoredRequest,
  storeRequests,
  turnOf,
} from './support/rolling.ts';
import { openUsageDatabase, received, storeOn, type UsageDatabase } from './support/usage-database.ts';
import { batchOf, keyEventOf } from './support/usage-events.ts';
import { groupBy, selectRequests, totalsOfRequests } from './support/usage-model.ts';

const DAYS: UsageSelection = {
  keyId: null,
  userId: null,
  endpoint: null,
  from: new Date(MIDNIGHT_MS - GRAIN_MS.day),
  to: new Date(MIDNIGHT_MS + GRAIN_MS.day),
};

describe('answers about usage', function () {
  this.timeout(180_000);
  let db: UsageDatabase;

  before(async () => {
    db = await openUsageDatabase();
  });
  after(() => db.close());
  beforeEach(() => forgetUsage(db));

  /** Two deliveries, some of it rolled up after the first. */
  const anyHistory = fc.record({ early: anyRequests, late: anyRequests, turns: fc.nat(4) });
  type History = typeof anyHistory extends fc.Arbitrary<infer Value> ? Value : never;

  async function store({ early, late, turns }: History): Promise<StoredRequest[]> {
    await forgetUsage(db);
    const stored = await storeRequests(db, early);
    for (let turn = 0; turn < turns; turn++) await turnOf(db.pool)();
    return [...stored, ...(await storeRequests(db, late))];
  }

  async function assertHolds<Extra>(
    extra: fc.Arbitrary<Extra>,
    check: (stored: StoredRequest[], selection: UsageSelection, extra: Extra) => Promise<void>,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(anyHistory, anySelection, extra, async (history, selection, value) => {
        const stored = await store(history);
        await check(selectRequests(stored, selection), selection, value);
      }),
      { numRuns: 12 },
    );
  }

  it('are series of all buckets, empty ones as well, in any time zone', async () => {
    const anySeries = fc.record({
      granularity: fc.constantFrom<UsageGranularity>('minute', 'hour', 'day'),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'),
    });
    await assertHolds(anySeries, async (requests, selection, { granularity, timeZone }) => {
      const starts = bucketStarts(selection, granularity, timeZone);
      const buckets = groupBy(requests, ({ timestamp }) =>
        String(starts.findLastIndex((start) => start.getTime() <= Date.parse(timestamp))),
      );
      const expected = starts.map((_, index) => totalsOfRequests(buckets.get(String(index)) ?? []));
      assert.deepEqual(await readerOn(db.pool).series(selection, starts), expected);
    });
  });

  it('are the sums of each endpoint', async () => {
    await assertHolds(fc.constant(null), async (requests, selection) => {
      const found = await readerOn(db.pool).endpoints(selection);
      const groups = groupBy(requests, ({ method, endpoint }) => `${method} ${endpoint}`);
      assert.deepEqual(
        Object.fromEntries(found.map(({ method, endpoint, totals }) => [`${method} ${endpoint}`, totals])),
        Object.fromEntries([...groups].map(([name, group]) => [name, totalsOfRequests(group)])),
      );
    });
  });

  it('are rankings by the number of requests', async () => {
    const anyRanking = fc.record({
      dimension: fc.constantFrom('key', 'endpoint', 'client_ip'),
      limit: fc.integer({ min: 1, max: 3 }),
    });
    await assertHolds(anyRanking, async (all, asked, { dimension, limit }) => {
      // Addresses are counted over all endpoints.
      const requests = dimension === 'client_ip' ? all.filter(() => asked.endpoint === null) : all;
      if (dimension === 'client_ip' && asked.endpoint !== null) return;
      const found = await readerOn(db.pool).top(asked, dimension, limit);
      const column = ({ key: 'key_id', endpoint: 'endpoint', client_ip: 'client_ip' } as const)[dimension];
      const groups = [...groupBy(requests, (request) => request[column])]
        .toSorted(([a, ones], [b, others]) => others.length - ones.length || (a < b ? -1 : 1))
        .slice(0, limit);
      assert.deepEqual(
        found.map(({ value, totals }) => ({ value, totals })),
        groups.map(([value, group]) => ({ value, totals: totalsOfRequests(group) })),
      );
    });
  });

  it('name the keys that lead a ranking', async () => {
    const key_id = randomUUID();
    await createKeyProjection(db.pool).apply([keyEventOf(3, { key_id, name: 'training' })]);
    await storeRequests(db, [{ key_id, timestamp: new Date(MIDNIGHT_MS).toISOString() }]);
    const [first] = await readerOn(db.pool).top(DAYS, 'key', 1);
    assert.equal(first?.label, 'hk_live_0123456789AB training');
  });

  it('count refusals without a known key in the buckets of their minutes', async () => {
    const minute = new Date(MIDNIGHT_MS + GRAIN_MS.hour).toISOString();
    const refusals = [{ minute, reason: 'unknown_key', client_ip: '192.0.2.3', count: 41 }];
    await storeOn(db.pool).ingest([received(batchOf(randomUUID(), 1, 0, {}, refusals))]);
    const starts = bucketStarts(DAYS, 'day', 'UTC');
    const reader = readerOn(db.pool);
    const check = async () => {
      const refused = (await reader.series(DAYS, starts)).map((totals) => totals.refused);
      assert.deepEqual(refused, [{}, { unknown_key: '41' }]);
      assert.deepEqual((await reader.summary(DAYS)).refused, { unknown_key: '41' });
      assert.deepEqual((await reader.summary({ ...DAYS, userId: randomUUID() })).refused, {});
      assert.deepEqual((await reader.summary({ ...DAYS, endpoint: ENDPOINTS[0] })).refused, {});
      assert.deepEqual(await reader.endpoints(DAYS), []);
      assert.deepEqual(await reader.top(DAYS, 'endpoint', 5), []);
    };
    await check();
    await rollAll(db.pool);
    await check();
    await db.admin.query('truncate anonymous_refusals');
    await check();
  });

  it('refuse edges that are finer than what is kept of their time', async () => {
    const from = new Date(MIDNIGHT_MS - 200 * GRAIN_MS.day);
    const reader = readerOn(db.pool);
    await dropExpired(db.pool, 'raw', 90);
    await dropExpired(db.pool, 'minute', 30);
    await reader.summary({ ...DAYS, from });
    await reader.summary({ ...DAYS, from: new Date(from.getTime() + GRAIN_MS.hour) });
    await assert.rejects(
      reader.summary({ ...DAYS, from: new Date(from.getTime() + 1) }),
      (error) =>
        error instanceof HokusaiError &&
        error.code === 'unprocessable' &&
        /kept by the hour \(UTC\)/.test(error.message),
    );
    const starts = bucketStarts({ from, to: DAYS.to }, 'day', 'Asia/Kolkata');
    await assert.rejects(reader.series({ ...DAYS, from }, starts), /another zone/);
    await reader.series({ ...DAYS, from }, bucketStarts({ from, to: DAYS.to }, 'day', 'Europe/Berlin'));
  });

  describe('of unused keys', () => {
    const now = new Date();
    const ago = (days: number) => new Date(now.getTime() - days * GRAIN_MS.day);
    const versionOf = (time: Date) => String(time.getTime() * 1000);
    const user_id = randomUUID();
    /** Made ten days ago. */
    const issue = async (changes: Partial<ReturnType<typeof keyEventOf>> = {}) => {
      const event = keyEventOf(1, { key_id: randomUUID(), user_id, version: versionOf(ago(10)), ...changes });
      await createKeyProjection(db.pool).apply([event]);
      return event.key_id;
    };
    const unused = async (days: number, changes = {}) => {
      const query = { userId: user_id, unusedSince: ago(days), now, after: null, limit: 10, ...changes };
      return await readerOn(db.pool).unusedKeys(query);
    };

    it('are active ones, the longest unused first, never used ones before', async () => {
      const [never, long, lately] = [await issue(), await issue(), await issue()];
      await issue({ is_active: false });
      await issue({ expires_at: ago(1).toISOString() });
      await issue({ user_id: randomUUID() });
      const recent = await issue({ version: versionOf(ago(1)) });
      await storeRequests(db, [
        { key_id: long, timestamp: ago(4).toISOString() },
        { key_id: long, timestamp: ago(5).toISOString() },
        { key_id: lately, timestamp: ago(1).toISOString() },
      ]);
      const expected = [
        [never, null],
        [long, ago(4)],
      ];
      const found = async () => (await unused(2)).map(({ keyId, lastUsedAt }) => [keyId, lastUsedAt]);
      assert.deepEqual(await found(), expected, 'before it is rolled up');
      await rollAll(db.pool);
      assert.deepEqual(await found(), expected, 'from the rollups');
      await db.admin.query('truncate api_key_usage');
      assert.deepEqual(await found(), expected, 'without the requests');
      const since = (await unused(0.5)).map(({ keyId }) => keyId);
      assert.deepEqual(since.toSorted(), [never, recent, long, lately].toSorted());
    });

    it('count from the first event of a key, whenever that comes', async () => {
      const user = randomUUID();
      const key_id = await issue({ user_id: user, version: versionOf(ago(1)), name: 'renamed' });
      assert.deepEqual(await unused(2, { userId: user }), []);
      await issue({ key_id, user_id: user, version: versionOf(ago(10)), name: 'new' });
      const names = (await unused(2, { userId: user })).map(({ name }) => name);
      assert.deepEqual(names, ['renamed']);
    });

    it('come in pages', async () => {
      const user = randomUUID();
      const keys = [
        await issue({ user_id: user }),
        await issue({ user_id: user }),
        await issue({ user_id: user }),
      ];
      await storeRequests(db, [{ key_id: keys[2] as string, timestamp: ago(6).toISOString() }]);
      const found: string[] = [];
      for (let after: UnusedPosition | null = null; ; ) {
        const [key] = await unused(2, { userId: user, after, limit: 1 });
        if (!key) break;
        found.push(key.keyId);
        after = key;
      }
      assert.deepEqual(found, [...keys.slice(0, 2).toSorted(), keys[2]]);
    });
  });

  it('show an account as rolled up when it is', async () => {
    const [{ incarnation } = assert.fail()] = await storeRequests(db, [
      { timestamp: new Date(MIDNIGHT_MS).toISOString(), key_id: KEYS[0], user_id: USERS[0] },
      { timestamp: new Date(MIDNIGHT_MS + GRAIN_MS.hour).toISOString(), endpoint: ENDPOINTS[0] },
    ]);
    const counts = async () => {
      const { account } = await judgedOn(db.pool, incarnation);
      return [account.stored, account.rolledUp];
    };
    assert.deepEqual(await counts(), [2, 0]);
    await rollAll(db.pool);
    assert.deepEqual(await counts(), [2, 2]);
    await db.admin.query('truncate api_key_usage');
    assert.deepEqual(await counts(), [2, 2], 'when the requests are no longer kept');
  });
});
