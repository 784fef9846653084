/** What is stored while it is rolled up, or asked for while it is stored: sums stay right, whoever comes between. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually } from '@hokusai/testing';
import { GRAIN_MS } from '../src/domain/cover.ts';
import { sizeOf } from '../src/domain/number-ranges.ts';
import { meanwhile } from './support/meanwhile.ts';
import { MIDNIGHT_MS } from './support/random-usage.ts';
import { forgetUsage, readerOn, rebuildOn, rollAll, turnOf } from './support/rolling.ts';
import { openUsageDatabase, received, storeOn, type UsageDatabase } from './support/usage-database.ts';
import { batchOf } from './support/usage-events.ts';

const DAYS = { from: new Date(MIDNIGHT_MS - GRAIN_MS.day), to: new Date(MIDNIGHT_MS + GRAIN_MS.day) };
const ALL = { keyId: null, userId: null, endpoint: null, ...DAYS };

describe('usage that changes meanwhile', function () {
  this.timeout(120_000);
  let db: UsageDatabase;

  before(async () => {
    db = await openUsageDatabase();
  });
  after(() => db.close());
  beforeEach(() => forgetUsage(db));

  const timestamp = new Date(MIDNIGHT_MS + 1000).toISOString();
  const store = (from: number, to: number, { pool = db.pool, incarnation = randomUUID() } = {}) =>
    storeOn(pool).ingest([received(batchOf(incarnation, from, to, { timestamp }))]);
  const summary = () => readerOn(db.pool).summary(ALL);
  const unsettled = async () => {
    const { rows } = await db.pool.query(
      'select minute from usage_claimed_minutes union select minute from usage_dirty_minutes',
    );
    return rows.map(({ minute }) => minute);
  };

  it('is rolled up once it is committed, though its minute was marked and rolled up just before', async () => {
    await store(1, 2);
    let times = 0;
    const pool = meanwhile(db.pool, /^commit/i, async () => {
      times += 1;
      await rollAll(db.pool);
    });
    await store(1, 3, { pool });
    assert.deepEqual([times, (await summary()).requests], [1, '5']);
    await rollAll(db.pool);
    assert.equal((await summary()).requests, '5');
  });

  it('shows in an account as of one moment, though more is stored before each statement of it', async () => {
    await db.admin.query('truncate gateway_incarnations cascade');
    const incarnation = randomUUID();
    let last = 0;
    const storeMore = async () => {
      last += 1;
      await store(last, last, { incarnation });
    };
    await storeMore();
    const reader = readerOn(meanwhile(db.pool, /^\s*(select|with)/i, storeMore));
    const period = { from: new Date(Date.now() - GRAIN_MS.day), to: new Date(Date.now() + GRAIN_MS.day) };
    const { accounts, found } = await reader.integrity({ ...period, after: null, limit: 200 });
    const account = accounts.find((one) => one.incarnation === incarnation);
    assert.ok(last > 2 && account);
    assert.equal(account.stored, sizeOf(account.received));
    assert.deepEqual(
      found.filter(({ isLost }) => isLost),
      [],
    );
  });

  it('counts refusals in the minute that they stand under, by whatever clock and however late they come', async () => {
    const incarnation = randomUUID();
    // By a gateway whose clock is a year behind; stored under when it came at first.
    const minute = new Date(MIDNIGHT_MS - 365 * GRAIN_MS.day).toISOString();
    const refused = async (count: number, at: string) => {
      const refusal = { minute, reason: 'unknown_key', client_ip: '192.0.2.7', count };
      const batch = batchOf(incarnation, 1, 0, {}, [refusal]);
      await storeOn(db.pool).ingest([
        received(batch, new Date(MIDNIGHT_MS + Date.parse(`1970-01-01T${at}Z`))),
      ]);
      await rollAll(db.pool);
    };
    await refused(10, '05:00:50');
    await refused(41, '05:01:01');
    assert.deepEqual((await summary()).refused, { unknown_key: '41' });
    await rebuildOn(db.pool, DAYS.from, DAYS.to);
    assert.deepEqual((await summary()).refused, { unknown_key: '41' });
  });

  it('is rolled up and answered, however many refusals a batch claims', async () => {
    const minute = new Date(MIDNIGHT_MS).toISOString();
    const refusals = Array.from({ length: 1100 }, (_, n) => ({
      ...{ minute, reason: 'unknown_key', client_ip: `192.0.2.${n}` },
      count: Number.MAX_SAFE_INTEGER,
    }));
    await storeOn(db.pool).ingest([received(batchOf(randomUUID(), 1, 0, {}, refusals))]);
    const refused = { unknown_key: String(1100 * 1_000_000_000) };
    assert.deepEqual((await summary()).refused, refused);
    await rollAll(db.pool);
    assert.deepEqual((await summary()).refused, refused);
    // What was stored otherwise, or adds up to that: inexact beyond 2^53, but there.
    await db.admin.query('update anonymous_refusals set count = $1', [Number.MAX_SAFE_INTEGER]);
    await rebuildOn(db.pool, DAYS.from, DAYS.to);
    assert.ok(Number((await summary()).refused['unknown_key']) > 9e18);
  });

  it('is rolled up but for a minute that can not be, which is named and tried again', async () => {
    const minutes = [0, 1, 2].map((n) => new Date(MIDNIGHT_MS + n * GRAIN_MS.minute).toISOString());
    for (const [n, minute] of minutes.entries())
      await storeOn(db.pool).ingest([received(batchOf(randomUUID(), 1, n + 1, { timestamp: minute }))]);
    const broken = minutes[1] as string;
    await db.admin.query(
      `alter table total_usage_minutes add constraint broken check (start <> '${broken}') not valid`,
    );
    try {
      const failures: string[] = [];
      const turn = turnOf(db.pool);
      const attempt = () =>
        turn().catch((error: Error) => {
          failures.push(error.message);
          return true;
        });
      // A turn that failed may hold the lock for another moment.
      await eventually(async () => {
        while (await attempt());
        const named = failures.filter((message) =>
          message.startsWith(`rolling up the minute ${broken} failed`),
        );
        assert.equal(named.length, 1, failures.join('\n'));
        assert.deepEqual(await unsettled(), [new Date(broken)]);
      });
      assert.equal((await summary()).requests, '6');
    } finally {
      await db.admin.query('alter table total_usage_minutes drop constraint broken');
    }
    await rollAll(db.pool);
    assert.deepEqual(await unsettled(), []);
    assert.equal((await summary()).requests, '6');
  });
});
