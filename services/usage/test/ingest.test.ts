import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { UsageMessage } from '../src/domain/messages.ts';
import { createKeyPlaceholders } from '../src/storage/key-placeholders.ts';
import {
  announced,
  openUsageDatabase,
  poolOf,
  received,
  storedSequences,
  storeOn,
  type UsageDatabase,
  upTo,
} from './support/usage-database.ts';
import { announcementOf, batchOf, KEY, requestOf, USER } from './support/usage-events.ts';

describe('usage ingest', () => {
  let db: UsageDatabase;

  before(async function () {
    this.timeout(120_000);
    db = await openUsageDatabase();
  });
  after(() => db.close());

  it('stores a request with all that is known of it', async () => {
    const incarnation = randomUUID();
    const request = requestOf(1, { refusal: 'rate_limited', status_code: 429, first_byte_ms: null });
    const batch = { incarnation, gateway: 'gw-1', from: 1, to: 1, requests: [request], refusals: [] };
    await storeOn(db.pool).ingest([received(batch)]);
    const { rows } = await db.pool.query('select * from api_key_usage where incarnation = $1', [incarnation]);
    const { id, timestamp, ...row } = rows[0];
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(timestamp.toISOString(), request.timestamp);
    assert.deepEqual(row, {
      api_key_id: KEY,
      user_id: USER,
      secret_prefix: 'hk_live_0123456789AB',
      upstream: 'mlflow',
      endpoint: '/api/2.0/mlflow/runs/get',
      method: 'GET',
      status_code: 429,
      refusal: 'rate_limited',
      response_time_ms: 12.5,
      first_byte_ms: null,
      bytes_in: '10',
      bytes_out: '1200',
      client_ip: '192.0.2.1',
      user_agent_family: 'curl',
      request_id: 'r-1',
      trace_id: null,
      incarnation,
      sequence: '1',
    });
  });

  it('stores each request once over repeated, overlapping and unordered batches', async () => {
    const delivery = fc.array(
      fc.record({ from: fc.integer({ min: 1, max: 30 }), length: fc.integer({ min: 0, max: 8 }) }),
      { minLength: 1, maxLength: 4 },
    );
    const store = storeOn(db.pool);
    await fc.assert(
      fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 5 }), async (deliveries) => {
        const incarnation = randomUUID();
        for (const batches of deliveries)
          await store.ingest(
            batches.map(({ from, length }) => received(batchOf(incarnation, from, from + length - 1))),
          );
        const sent = deliveries.flat().flatMap(({ from, length }) => upTo(length).map((n) => from + n - 1));
        const expected = [...new Set(sent)].toSorted((a, b) => a - b);
        assert.deepEqual(await storedSequences(db.pool, incarnation), expected);
      }),
      { numRuns: 25 },
    );
  });

  it('stores each request once when replicas are handed the same messages at the same time', async () => {
    const other = poolOf(db.database.url);
    try {
      const [a, b] = [randomUUID(), randomUUID()];
      const messages = upTo(40).flatMap((n) => [
        received(batchOf(a, n * 5 - 4, n * 5)),
        received(batchOf(b, n * 5 - 4, n * 5)),
      ]);
      const stores = [storeOn(db.pool), storeOn(other)];
      const deliveries = upTo(16).map((n) => {
        const slice = messages.slice((n % 8) * 10, (n % 8) * 10 + 20);
        return (stores[n % 2] as ReturnType<typeof storeOn>).ingest(n % 3 === 0 ? slice.toReversed() : slice);
      });
      await Promise.all(deliveries);
      for (const incarnation of [a, b])
        assert.deepEqual(await storedSequences(db.pool, incarnation), upTo(200));
    } finally {
      await other.end();
    }
  });

  it('stores nothing of a delivery that fails', async () => {
    const incarnation = randomUUID();
    // More than an index takes.
    const client_ip = randomBytes(6000).toString('hex');
    const bad = batchOf(incarnation, 2, 2, {}, [
      { minute: '2026-01-20T11:00:00Z', reason: 'no_key', client_ip, count: 1 },
    ]);
    const messages = [received(batchOf(incarnation, 1, 1)), received(bad)];
    await assert.rejects(storeOn(db.pool).ingest(messages));
    assert.deepEqual(await storedSequences(db.pool, incarnation), []);
    await storeOn(db.pool).ingest(messages.slice(0, 1));
    assert.deepEqual(await storedSequences(db.pool, incarnation), [1]);
  });

  it('stores every text as it is, but for what Postgres refuses', async () => {
    const fragment = fc.constantFrom(
      '\\',
      '\\.',
      '\\N',
      '\t',
      '\n',
      '\r',
      '\b',
      '\0',
      '\uD800',
      '',
      "'",
      '"',
      'ä',
      '🗝',
    );
    const text = fc
      .array(fc.oneof(fragment, fc.string({ unit: 'binary' })), { maxLength: 5 })
      .map((all) => all.join(''));
    const texts = fc.record({
      secret_prefix: text,
      endpoint: text,
      refusal: fc.option(text),
      request_id: text,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 30 }), async (given) => {
        const incarnation = randomUUID();
        const requests = given.map((changes, index) => requestOf(index + 1, changes));
        const batch = { incarnation, gateway: 'gw-1', from: 1, to: requests.length, requests, refusals: [] };
        await storeOn(db.pool).ingest([received(batch)]);
        const { rows } = await db.pool.query(
          'select secret_prefix, endpoint, refusal, request_id from api_key_usage where incarnation = $1 order by sequence',
          [incarnation],
        );
        const stored = (value: string) => value.toWellFormed().replaceAll('\0', '\uFFFD');
        const expected = given.map(({ secret_prefix, endpoint, refusal, request_id }) => ({
          secret_prefix: stored(secret_prefix),
          endpoint: stored(endpoint),
          refusal: refusal === null ? null : stored(refusal),
          request_id: stored(request_id),
        }));
        assert.deepEqual(rows, expected);
      }),
      { numRuns: 25 },
    );
  });

  describe('the times of requests', () => {
    const RECEIVED = new Date('2026-01-20T12:00:30.000Z');
    const DAY_MS = 24 * 60 * 60 * 1000;
    const ahead = (ms: number) => new Date(RECEIVED.getTime() + ms).toISOString();

    async function storedTimes(times: readonly string[]) {
      const incarnation = randomUUID();
      const requests = times.map((timestamp, index) => requestOf(index + 1, { timestamp }));
      const batch = { incarnation, gateway: 'gw-1', from: 1, to: times.length, requests, refusals: [] };
      for (const _twice of [1, 2]) await storeOn(db.pool).ingest([received(batch, RECEIVED)]);
      const { rows } = await db.pool.query(
        `select clock_corrections::int as corrections,
           (select array_agg(timestamp order by sequence) from api_key_usage as u where u.incarnation = $1) as times
         from ingested_ranges where incarnation = $1`,
        [incarnation],
      );
      return { corrections: rows[0].corrections, times: rows[0].times.map((at: Date) => at.toISOString()) };
    }

    it('are those of the gateway, from eight days before they arrived to a day after', async () => {
      const times = [ahead(-8 * DAY_MS), ahead(-1), ahead(DAY_MS)];
      assert.deepEqual(await storedTimes(times), { corrections: 0, times });
      assert.deepEqual(await storedTimes(['2026-01-20T12:00:29.99961Z']), {
        corrections: 0,
        times: ['2026-01-20T12:00:29.999Z'],
      });
    });

    it('are those of the arrival where a clock must be off, counted once', async () => {
      const off = [ahead(-8 * DAY_MS - 1), ahead(DAY_MS + 1), '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'];
      const at = RECEIVED.toISOString();
      assert.deepEqual(await storedTimes([...off, ahead(0)]), {
        corrections: 4,
        times: [at, at, at, at, at],
      });
    });

    it('mark their minutes, and those of refusals, for the rollups', async () => {
      await db.admin.query('truncate usage_dirty_minutes');
      const refusals = [
        { minute: '2026-01-20T11:58:00Z', reason: 'no_key', client_ip: '192.0.2.8', count: 1 },
        { minute: '2030-01-20T11:58:00Z', reason: 'no_key', client_ip: '192.0.2.8', count: 2 },
      ];
      const batch = batchOf(randomUUID(), 1, 2, { timestamp: '2026-01-20T11:01:59.999Z' }, refusals);
      await storeOn(db.pool).ingest([received(batch, RECEIVED)]);
      const { rows } = await db.pool.query('select minute from usage_dirty_minutes order by 1');
      assert.deepEqual(
        rows.map(({ minute }) => minute.toISOString().slice(11, 16)),
        ['11:01', '11:58', '12:00'],
      );
      await db.admin.query('truncate usage_dirty_minutes');
      await storeOn(db.pool).ingest([received(batch, RECEIVED)]);
      const again = await db.pool.query('select minute from usage_dirty_minutes');
      assert.deepEqual(again.rows, [], 'what is stored already changes nothing');
    });
  });

  it('makes room for a key once, and again after a failure', async () => {
    const [key_id, other] = [randomUUID(), randomUUID()];
    let statements = 0;
    const counting = new Proxy(db.pool, {
      get: (pool, name) => {
        if (name !== 'query') return Reflect.get(pool, name);
        return (...args: unknown[]) => {
          statements += 1;
          if (statements === 1) throw new Error('away');
          return Reflect.apply(pool.query, pool, args);
        };
      },
    });
    const placeholders = createKeyPlaceholders(counting);
    await assert.rejects(placeholders.ensureFor([key_id]), /away/);
    for (const ids of [[key_id], [key_id.toUpperCase(), key_id], [other, key_id]])
      await placeholders.ensureFor(ids);
    const { rows } = await db.pool.query('select id from keys_projection where id in ($1, $2)', [
      key_id,
      other,
    ]);
    assert.equal(rows.length, 2);
    assert.equal(statements, 4);
  });

  it('keeps the highest count of a minute, however often and in whatever order it comes', async () => {
    const minute = '2025-01-15T12:00:00.000Z';
    const refusal = (count: number) => [{ minute, reason: 'unknown_key', client_ip: '192.0.2.9', count }];
    const [a, b] = [randomUUID(), randomUUID()];
    const message = (incarnation: string, count: number) =>
      received(batchOf(incarnation, 1, 0, {}, refusal(count)));
    const store = storeOn(db.pool);
    await store.ingest([message(a, 5), message(a, 2), message(b, 1)]);
    await store.ingest([message(a, 7), message(b, 1)]);
    await store.ingest([message(a, 3)]);
    const { rows } = await db.pool.query(
      "select sum(count) as sum from anonymous_refusals where client_ip = '192.0.2.9'",
    );
    assert.equal(rows[0].sum, '8');
  });

  it('takes what a gateway says of itself in values that Postgres can hold', async () => {
    const gateway = 'gw\0-\ud800';
    const [a, b] = [randomUUID(), randomUUID()];
    const opened = { ...announcementOf(a, 'opened'), gateway, at: '0000-01-01T00:00:00Z' };
    await storeOn(db.pool).ingest([announced(opened), received({ ...batchOf(b, 1, 1), gateway })]);
    const { rows } = await db.pool.query(
      'select gateway, opened_at from gateway_incarnations where incarnation in ($1, $2) order by opened_at',
      [a, b],
    );
    assert.deepEqual(rows, [
      { gateway: 'gw\ufffd-\ufffd', opened_at: new Date('0001-01-01T00:00:00Z') },
      { gateway: 'gw\ufffd-\ufffd', opened_at: null },
    ]);
  });

  it('remembers the most that was ever said of an incarnation', async () => {
    const incarnation = randomUUID();
    const early = new Date('2025-01-15T12:00:00Z');
    const late = new Date('2025-01-15T12:00:09Z');
    const messages: UsageMessage[] = [
      announced(announcementOf(incarnation, 'closed', { assigned: 9, flushed: 9, dropped: 1 }), late),
      announced(announcementOf(incarnation, 'opened'), early),
    ];
    for (const message of messages) await storeOn(db.pool).ingest([message]);
    const { rows } = await db.pool.query(
      'select assigned, flushed, dropped, first_heard_at, last_heard_at, opened_at is not null as opened, closed_at is not null as closed from gateway_incarnations where incarnation = $1',
      [incarnation],
    );
    assert.deepEqual(rows[0], {
      assigned: '9',
      flushed: '9',
      dropped: '1',
      first_heard_at: early,
      last_heard_at: late,
      opened: true,
      closed: true,
    });
  });

  it('expects what has been with the broker for five minutes', async () => {
    const incarnation = randomUUID();
    const due = async () => {
      const { rows } = await db.pool.query('select due from gateway_incarnations where incarnation = $1', [
        incarnation,
      ]);
      return Number(rows[0].due);
    };
    for (const [minute, flushed, expected] of [
      [0, 3, 0],
      [1, 9, 0],
      [4.99, 10, 0],
      [5, 12, 3],
      [9, 20, 3],
      // Delivered late, which says nothing.
      [2, 9, 3],
      [10, 21, 12],
    ] as const) {
      const at = new Date(Date.parse('2025-01-15T12:00:00Z') + minute * 60_000);
      const announcement = announcementOf(incarnation, 'progress', { assigned: flushed, flushed });
      await storeOn(db.pool).ingest([announced(announcement, at)]);
      assert.equal(await due(), expected, `${minute} minutes`);
    }
  });
});
