import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { systemClock } from '@hokusai/service-kit';
import { eventually } from '@hokusai/testing';
import { createIngestStore } from '../src/storage/ingest.ts';
import { createPartitions } from '../src/storage/partitions.ts';
import { dropExpired } from './support/rolling.ts';
import {
  ingesting,
  openUsageDatabase,
  poolOf,
  received,
  silent,
  storedSequences,
  storeOn,
  type UsageDatabase,
} from './support/usage-database.ts';
import { batchOf } from './support/usage-events.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const RETENTION = { raw: 90, minute: 30, hour: 400, day: 1826 };

describe('usage partitions', () => {
  let db: UsageDatabase;

  before(async function () {
    this.timeout(120_000);
    // A day with 23 or 25 hours would show wherever local time crept in.
    db = await openUsageDatabase({ timezone: 'America/New_York' });
  });
  after(() => db.close());

  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

  async function partitionOf(incarnation: string): Promise<string[]> {
    const { rows } = await db.pool.query<{ name: string }>(
      'select tableoid::regclass::text as name from api_key_usage where incarnation = $1 order by timestamp',
      [incarnation],
    );
    return rows.map(({ name }) => name);
  }

  async function ingestAt(time: Date, receivedAt = new Date()): Promise<string[]> {
    const incarnation = randomUUID();
    const batch = batchOf(incarnation, 1, 1, { timestamp: time.toISOString() });
    await storeOn(db.pool).ingest([received(batch, receivedAt)]);
    return partitionOf(incarnation);
  }

  it('end at midnight in UTC, wherever the database lives', async () => {
    const midnight = Date.parse(`${dayOf(Date.now())}T00:00:00.000Z`);
    const incarnation = randomUUID();
    const at = (ms: number) => ({ timestamp: new Date(ms).toISOString() });
    await storeOn(db.pool).ingest([
      received(batchOf(incarnation, 1, 1, at(midnight - 1))),
      received(batchOf(incarnation, 2, 2, at(midnight))),
      received(batchOf(incarnation, 3, 3, at(midnight + DAY_MS - 1))),
      received(batchOf(incarnation, 4, 4, at(midnight + DAY_MS))),
    ]);
    const name = (ms: number) => `api_key_usage_${dayOf(ms).replaceAll('-', '')}`;
    assert.deepEqual(await partitionOf(incarnation), [
      name(midnight - DAY_MS),
      name(midnight),
      name(midnight),
      name(midnight + DAY_MS),
    ]);
  });

  it('are made for what comes late, up to eight days after a delivery that waited for seven', async () => {
    const receivedMs = Date.now() - 7 * DAY_MS;
    const late = receivedMs - 8 * DAY_MS + 60_000;
    assert.deepEqual(await ingestAt(new Date(late), new Date(receivedMs)), [
      `api_key_usage_${dayOf(late).replaceAll('-', '')}`,
    ]);
  });

  it('are not made for what a clock that is far off names', async () => {
    for (const timestamp of ['1970-01-01T00:00:00.000Z', '2999-12-31T23:59:59.999Z'])
      assert.deepEqual(await ingestAt(new Date(timestamp)), [
        `api_key_usage_${dayOf(Date.now()).replaceAll('-', '')}`,
      ]);
    const { rows } = await db.pool.query('select ensure_usage_partitions($1) as made', [
      ['1970-01-01', '2999-12-31'],
    ]);
    assert.equal(rows[0].made, 0);
  });

  it('take over what the default one holds for their day', async () => {
    const incarnation = randomUUID();
    const lately = Date.now() - 6 * DAY_MS;
    const blind = createPartitions(
      { query: () => Promise.reject(new Error('no rights')) } as never,
      systemClock,
      silent,
    );
    const timestamp = new Date(lately).toISOString();
    await ingesting(createIngestStore(db.pool, blind)).ingest([
      received(batchOf(incarnation, 1, 3, { timestamp })),
    ]);
    assert.deepEqual(await partitionOf(incarnation), Array(3).fill('api_key_usage_other'));
    await createPartitions(db.pool, systemClock, silent).ensureFor([new Date(lately)]);
    assert.deepEqual(
      await partitionOf(incarnation),
      Array(3).fill(`api_key_usage_${dayOf(lately).replaceAll('-', '')}`),
    );
    assert.deepEqual(await storedSequences(db.pool, incarnation), [1, 2, 3]);
  });

  it('are there ahead of time', async () => {
    const stopping = new AbortController();
    const keeping = createPartitions(db.pool, systemClock, silent).keep(RETENTION, stopping.signal);
    try {
      await eventually(async () => {
        const ahead = `api_key_usage_${dayOf(Date.now() + 3 * DAY_MS).replaceAll('-', '')}`;
        const { rows } = await db.pool.query('select to_regclass($1) as found', [ahead]);
        assert.equal(rows[0].found, ahead);
      });
    } finally {
      stopping.abort();
      await keeping;
    }
  });

  it('are made once when replicas ask at the same time, and while rows come in', async () => {
    const other = poolOf(db.database.url);
    const incarnation = randomUUID();
    const receivedMs = Date.now() - 20 * DAY_MS;
    const at = (n: number) => ({ timestamp: new Date(receivedMs - n * (DAY_MS / 2)).toISOString() });
    try {
      const stores = [storeOn(db.pool), storeOn(other)];
      const deliveries = Array.from({ length: 10 }, (_, n) =>
        (stores[n % 2] as ReturnType<typeof storeOn>).ingest([
          received(batchOf(incarnation, n + 1, n + 1, at(n)), new Date(receivedMs)),
          received(batchOf(incarnation, n + 2, n + 2, at(n + 1)), new Date(receivedMs)),
        ]),
      );
      await Promise.all(deliveries);
      const names = await partitionOf(incarnation);
      assert.equal(names.length, 11);
      assert.ok(!names.includes('api_key_usage_other'), names.join());
    } finally {
      await other.end();
    }
  });

  describe('are dropped', () => {
    const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
    const namesOf = async () => {
      const { rows } = await db.pool.query<{ name: string }>(
        "select relname as name from pg_class where relname ~ '^api_key_usage_[0-9]{8}$'",
      );
      return new Set(rows.map(({ name }) => name));
    };
    const nameOf = (day: number) => `api_key_usage_${dayOf(daysAgo(day).getTime()).replaceAll('-', '')}`;

    async function storeDay(day: number): Promise<void> {
      const batch = batchOf(randomUUID(), 1, 1, { timestamp: daysAgo(day).toISOString() });
      await storeOn(db.pool).ingest([{ kind: 'batch', receivedAt: daysAgo(day), batch }]);
    }

    const drop = (days: number) => dropExpired(db.pool, 'raw', days);

    it('when their day is over for longer than they are to be kept', async () => {
      for (const day of [40, 41, 42]) await storeDay(day);
      await db.admin.query('truncate usage_dirty_minutes');
      assert.equal(await drop(41), 1);
      const names = await namesOf();
      assert.deepEqual(
        [40, 41, 42].map((day) => names.has(nameOf(day))),
        [true, true, false],
      );
      await storeDay(42);
      assert.ok((await namesOf()).has(nameOf(42)), 'what comes late has its day again');
    });

    it('not while something of them is to be rolled up', async () => {
      await db.admin.query('truncate usage_dirty_minutes');
      await storeDay(50);
      assert.equal(await drop(45), 0);
      await db.admin.query(
        'with gone as (delete from usage_dirty_minutes returning minute) insert into usage_claimed_minutes select minute from gone',
      );
      assert.equal(await drop(45), 0);
      await db.admin.query('truncate usage_claimed_minutes');
      assert.equal(await drop(45), 1);
    });

    it('never while something may come for them', async () => {
      await storeDay(16);
      await storeDay(17);
      await db.admin.query('truncate usage_dirty_minutes');
      await drop(-100);
      const names = await namesOf();
      assert.deepEqual([names.has(nameOf(16)), names.has(nameOf(17))], [true, false]);
    });

    it('each hour, by the service, and by the clock of the database', async () => {
      for (const day of [60, 80, 100]) await storeDay(day);
      await db.admin.query('truncate usage_dirty_minutes');
      const ahead = { ...systemClock, now: () => Date.now() + 6 * 365 * DAY_MS };
      const stopping = new AbortController();
      const keeping = createPartitions(db.pool, ahead, silent).keep(
        { ...RETENTION, raw: 70 },
        stopping.signal,
      );
      try {
        await eventually(async () => assert.ok(!(await namesOf()).has(nameOf(80))));
      } finally {
        stopping.abort();
        await keeping;
      }
      assert.ok((await namesOf()).has(nameOf(60)));
    });

    it('with what the default one holds, but not while that is to be rolled up', async () => {
      const incarnation = randomUUID();
      const noPartitions = { ensureFor: () => Promise.resolve() };
      const store = ingesting(createIngestStore(db.pool, noPartitions));
      for (const [number, time] of [daysAgo(200), daysAgo(199)].entries()) {
        const batch = batchOf(incarnation, number + 1, number + 1, { timestamp: time.toISOString() });
        await store.ingest([received(batch, time)]);
      }
      await db.admin.query('delete from usage_dirty_minutes where minute < $1', [daysAgo(199.5)]);
      await drop(190);
      assert.deepEqual(await storedSequences(db.pool, incarnation), [2]);
    });

    it('with the addresses of refused requests, whose sums stay', async () => {
      const at = (minute: number) =>
        new Date(Date.parse(`${dayOf(Date.now() - 20 * DAY_MS)}T10:00:00Z`) + minute * 60_000);
      const refused = (minute: number, client_ip: string, count: number) => {
        const refusals = [{ minute: at(minute).toISOString(), reason: 'no_key', client_ip, count }];
        return {
          kind: 'batch' as const,
          receivedAt: at(minute),
          batch: batchOf(randomUUID(), 1, 0, {}, refusals),
        };
      };
      const sums = async () => {
        const { rows } = await db.pool.query(
          `select minute, client_ip, sum(count)::int as count from anonymous_refusals
           where minute >= $1 and minute < $2 group by 1, 2 order by 1, 2`,
          [at(0), at(120)],
        );
        return rows.map(({ minute, client_ip, count }) => [
          (minute - at(0).getTime()) / 60_000,
          client_ip,
          count,
        ]);
      };
      await storeOn(db.pool).ingest([
        refused(1, '192.0.2.1', 5),
        refused(1, '192.0.2.1', 6),
        refused(59, '192.0.2.2', 7),
      ]);
      await drop(19);
      assert.equal((await sums()).length, 2, 'they are to be rolled up');
      await db.admin.query('truncate usage_dirty_minutes');
      await drop(19);
      assert.deepEqual(await sums(), [[0, '', 18]]);
      await storeOn(db.pool).ingest([refused(2, '192.0.2.1', 1), refused(60, '192.0.2.1', 2)]);
      await db.admin.query('truncate usage_dirty_minutes');
      await drop(20);
      assert.equal((await sums()).length, 3, 'they are kept for as long as requests are');
      await drop(19);
      assert.deepEqual(await sums(), [
        [0, '', 19],
        [60, '', 2],
      ]);
    });
  });

  it('can be made by the service, which owns no table and can drop or change none', async () => {
    for (const statement of [
      'drop table api_key_usage_other',
      'delete from api_key_usage',
      'update api_key_usage set status_code = 200',
      'truncate api_key_usage',
      'create table mine (n integer)',
      'alter table api_key_usage add column n integer',
    ])
      await assert.rejects(db.pool.query(statement), { code: '42501' }, statement);
  });
});
