import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts';
import { eventually } from '@hokusai/testing';
import type { UsageSelection } from '../src/domain/access.ts';
import { GRAIN_MS, type Level } from '../src/domain/cover.ts';
import { bucketStarts } from '../src/domain/series.ts';
import { isKept } from '../src/storage/families.ts';
import { inSnapshot } from '../src/storage/snapshot.ts';
import { integrityOn, judgedOn } from './support/accounts.ts';
import { MIDNIGHT_MS } from './support/random-usage.ts';
import {
  dropExpired,
  EACH_FAMILY,
  forgetUsage,
  readerOn,
  rollAll,
  storeRequests,
} from './support/rolling.ts';
import {
  announced,
  openUsageDatabase,
  received,
  storeOn,
  type UsageDatabase,
} from './support/usage-database.ts';
import { announcementOf, batchOf } from './support/usage-events.ts';

const { minute, hour, day } = GRAIN_MS;
const at = (days: number, ms = 0) => new Date(MIDNIGHT_MS - days * day + ms);

describe('what is kept of usage', function () {
  this.timeout(180_000);
  let db: UsageDatabase;

  before(async () => {
    // A day with 23 or 25 hours would show wherever local time crept in.
    db = await openUsageDatabase({ timezone: 'America/New_York' });
  });
  after(() => db.close());
  beforeEach(() => forgetUsage(db));

  const requests = async (from: Date, to: Date) => {
    const all: UsageSelection = { keyId: null, userId: null, endpoint: null, from, to };
    return Number((await readerOn(db.pool).summary(all)).requests);
  };
  const isRefused = (answer: Promise<unknown>, grain: string) =>
    assert.rejects(
      answer,
      (error) => error instanceof HokusaiError && error.message.includes(`kept by the ${grain} (UTC)`),
    );

  /** Some requests at 03:01:30 of that day, which arrived then and are rolled up. */
  async function storeDay(days: number, count = 5): Promise<void> {
    const time = at(days, 3 * hour + minute * 1.5);
    await storeRequests(db, Array(count).fill({ timestamp: time.toISOString() }), time);
    await rollAll(db.pool);
  }

  async function partitionsOf(table: string): Promise<string[]> {
    const { rows } = await db.admin.query<{ name: string }>(
      'select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass',
      [table],
    );
    return rows.map(({ name }) => name);
  }
  const nameOf = (table: string, time: Date) =>
    `${table}_${time.toISOString().slice(0, 10).replaceAll('-', '')}`;

  it('are rollups until their time is over, and those of which something is to be done', async () => {
    await db.admin.query("select ensure_rollup_partitions('minutes', $1)", [[at(40), at(50), at(3)]]);
    await db.admin.query('insert into usage_dirty_minutes (minute, marked_at) values ($1, now())', [at(50)]);
    const name = (days: number) => nameOf('key_usage_minutes', at(days));
    const families = EACH_FAMILY.filter((family) => isKept(family, 'minute')).length;
    assert.equal(await dropExpired(db.pool, 'minute', 30), families);
    const left = await partitionsOf('key_usage_minutes');
    assert.deepEqual(
      [50, 40, 3].map((days) => left.includes(name(days))),
      [true, false, true],
    );
    await db.admin.query('truncate usage_dirty_minutes');
    assert.equal(await dropExpired(db.pool, 'minute', 30), families);
    assert.ok(!(await partitionsOf('key_usage_minutes')).includes(name(50)));
  });

  it('is never less than what may yet be made anew, whatever is asked for', async () => {
    const levels: [Level, string, number][] = [
      ['raw', 'api_key_usage', 15],
      ['minute', 'key_usage_minutes', 16],
    ];
    await storeDay(15);
    for (const [level, table, days] of levels) {
      await dropExpired(db.pool, level, -100);
      await dropExpired(db.pool, level, null as never);
      assert.ok((await partitionsOf(table)).includes(nameOf(table, at(15))), `${table} ${days}`);
    }
    await assert.rejects(dropExpired(db.pool, 'week' as Level, 100), { code: '22023' });
  });

  it('does not grow when things are to be kept for longer: answers say what there is', async () => {
    await storeDay(40);
    assert.equal(await requests(at(40, 3 * hour + minute), at(39)), 5);
    await dropExpired(db.pool, 'raw', 30);
    assert.equal(await requests(at(40, 3 * hour + minute), at(39)), 5, 'minutes are there');
    await dropExpired(db.pool, 'minute', 30);
    await dropExpired(db.pool, 'raw', 90);
    await dropExpired(db.pool, 'minute', 90);
    assert.equal(await requests(at(40), at(39)), 5);
    assert.equal(await requests(at(40, 3 * hour), at(40, 4 * hour)), 5);
    await isRefused(requests(at(40, 3 * hour + minute), at(40, 3 * hour + 2 * minute)), 'hour');
    await isRefused(requests(at(40, 3 * hour + minute), at(39)), 'hour');
    const period = { keyId: null, userId: null, endpoint: null, from: at(41), to: at(38) };
    await isRefused(readerOn(db.pool).series(period, bucketStarts(period, 'day', 'Asia/Kolkata')), 'hour');
  });

  it('is answered for when some of it waits to be rolled up for longer than it is kept', async () => {
    await storeDay(40);
    await storeRequests(db, [{ timestamp: at(40, 5 * hour).toISOString() }], at(40, 5 * hour));
    for (const level of ['raw', 'minute', 'hour'] as const) await dropExpired(db.pool, level, 30);
    assert.equal(await requests(new Date(0), at(0)), 6);
    assert.equal(await requests(at(40), at(39)), 6);
    await integrityOn(db.pool);
    await rollAll(db.pool);
    assert.equal(await requests(new Date(0), at(0)), 6);
  });

  it('is, of gateway processes, the sum that their accounts are made of', async () => {
    const incarnation = randomUUID();
    const store = storeOn(db.pool);
    for (const [from, time] of [
      [1, at(3 * 365)],
      [6, at(1)],
    ] as const) {
      const batch = batchOf(incarnation, from, from + 4, { timestamp: time.toISOString() });
      await store.ingest([received(batch, time)]);
    }
    await rollAll(db.pool);
    await store.ingest([announced(announcementOf(incarnation, 'closed', { assigned: 10 }))]);
    for (const level of ['raw', 'minute', 'hour', 'day'] as const) await dropExpired(db.pool, level, 30);
    assert.equal(await requests(new Date(0), at(0)), 5);
    const { status, account } = await judgedOn(db.pool, incarnation);
    assert.equal(status, 'balanced');
    assert.equal(account.stored, 10);
  });

  it('stays until an answer that has begun to read it is given', async () => {
    await storeDay(40);
    const { dropping, count } = await inSnapshot(db.pool, async ({ client, state }) => {
      const dropping = dropExpired(db.admin, 'raw', 30);
      await someoneWaits();
      assert.equal(state.floors.raw, -Infinity);
      const { rows } = await client.query('select count(*)::int as count from api_key_usage');
      return { dropping, count: rows[0].count };
    });
    assert.equal(count, 5);
    assert.equal(await dropping, 1);
  });

  it('is known to an answer that began while it was being dropped', async () => {
    await storeDay(40);
    const client = await db.admin.connect();
    try {
      await client.query('begin');
      await client.query("select drop_expired_usage('raw', 30)");
      const floor = inSnapshot(db.pool, ({ state }) => Promise.resolve(state.floors.raw));
      await someoneWaits();
      await client.query('commit');
      assert.ok((await floor) > at(40).getTime());
    } finally {
      client.release();
    }
  });

  async function someoneWaits(): Promise<void> {
    await eventually(async () => {
      const { rows } = await db.admin.query(
        "select from pg_locks where relation = 'usage_floors'::regclass and not granted",
      );
      assert.equal(rows.length, 1);
    });
  }
});
