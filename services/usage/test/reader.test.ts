import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { UsageRequest } from '@hokusai/contracts';
import fc from 'fast-check';
import type { UsageSelection } from '../src/domain/access.ts';
import type { IncarnationPosition } from '../src/domain/ports.ts';
import { integrityOn, judgedOn } from './support/accounts.ts';
import { dropExpired, readerOn, rollAll } from './support/rolling.ts';
import {
  announced,
  openUsageDatabase,
  received,
  storeOn,
  type UsageDatabase,
} from './support/usage-database.ts';
import { announcementOf, batchOf, requestOf } from './support/usage-events.ts';
import { totalsOfRequests } from './support/usage-model.ts';

const ALL: UsageSelection = {
  keyId: null,
  userId: null,
  endpoint: null,
  from: new Date(0),
  to: new Date('2100-01-01T00:00:00Z'),
};

describe('usage summary', () => {
  let db: UsageDatabase;

  before(async function () {
    this.timeout(120_000);
    db = await openUsageDatabase();
  });
  after(() => db.close());

  const anyRequest = fc.record({
    status_code: fc.constantFrom(200, 404, 429, 499, 500, 503),
    refusal: fc.constantFrom(null, null, 'rate_limited', 'key_revoked'),
    response_time_ms: fc.double({ min: 0, max: 10_000, noNaN: true }),
    bytes_in: fc.nat(),
    bytes_out: fc.nat(),
  });

  it('sums up what is stored', async () => {
    const reader = readerOn(db.pool);
    await fc.assert(
      fc.asyncProperty(fc.array(anyRequest, { maxLength: 150 }), async (requests) => {
        const user_id = randomUUID();
        await storeRequests(requests.map((one) => ({ ...one, user_id })));
        const summary = await reader.summary({ ...ALL, userId: user_id });
        const expected = totalsOfRequests(requests.map((one, index) => requestOf(index + 1, one)));
        assert.deepEqual(summary, expected);
      }),
      { numRuns: 25 },
    );
  });

  it('selects by key, user, endpoint and half-open period', async () => {
    const [key_id, user_id] = [randomUUID(), randomUUID()];
    const now = Date.now();
    const at = (ms: number) => new Date(now + ms).toISOString();
    const endpoint = '/api/2.0/mlflow/experiments/list';
    await storeRequests([
      { key_id, user_id, timestamp: at(-2000) },
      { key_id, user_id, timestamp: at(-1000), endpoint },
      { key_id, user_id: randomUUID(), timestamp: at(0) },
    ]);
    const count = async (selection: Partial<UsageSelection>) =>
      Number((await readerOn(db.pool).summary({ ...ALL, ...selection })).requests);
    assert.equal(await count({ keyId: key_id }), 3);
    assert.equal(await count({ userId: user_id }), 2);
    assert.equal(await count({ keyId: key_id, endpoint }), 1);
    assert.equal(await count({ keyId: key_id, from: new Date(now - 1000) }), 2);
    assert.equal(await count({ keyId: key_id, to: new Date(now - 1000) }), 1);
    assert.equal(await count({ keyId: key_id, from: new Date(now - 2000), to: new Date(now) }), 2);
  });

  it('counts refusals without a known key for those who see everything, and for nobody else', async () => {
    const minuteMs = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;
    const minute = new Date(minuteMs).toISOString();
    const refusals = [{ minute, reason: 'unknown_key', client_ip: '192.0.2.3', count: 41 }];
    await storeOn(db.pool).ingest([received(batchOf(randomUUID(), 1, 0, {}, refusals))]);
    const period = { from: new Date(minuteMs), to: new Date(minuteMs + 60_000) };
    const reader = readerOn(db.pool);
    assert.deepEqual((await reader.summary({ ...ALL, ...period })).refused, { unknown_key: '41' });
    assert.deepEqual((await reader.summary({ ...ALL, ...period, userId: randomUUID() })).refused, {});
    const later = { from: period.to };
    assert.equal((await reader.summary({ ...ALL, ...later })).refused['unknown_key'], undefined);
  });

  async function storeRequests(changes: readonly Partial<UsageRequest>[]): Promise<void> {
    const incarnation = randomUUID();
    const requests = changes.map((one, index) => requestOf(index + 1, one));
    const batch = { incarnation, gateway: 'gw-1', from: 1, to: requests.length, requests, refusals: [] };
    await storeOn(db.pool).ingest([received(batch)]);
  }
});

describe('accounts of incarnations', () => {
  let db: UsageDatabase;

  before(async function () {
    this.timeout(120_000);
    db = await openUsageDatabase();
  });
  after(() => db.close());

  async function judged(incarnation: string) {
    const {
      account,
      status,
      assigned,
      received: count,
      gaps,
      isComplete,
    } = await judgedOn(db.pool, incarnation);
    return { status, assigned, received: count, stored: account.stored, gaps, isComplete };
  }

  it('balance when everything is stored', async () => {
    const incarnation = randomUUID();
    await storeOn(db.pool).ingest([
      announced(announcementOf(incarnation, 'opened')),
      received(batchOf(incarnation, 4, 6)),
      received(batchOf(incarnation, 1, 3)),
      announced(announcementOf(incarnation, 'closed', { assigned: 6 })),
    ]);
    assert.deepEqual(await judged(incarnation), {
      status: 'balanced',
      assigned: 6,
      received: 6,
      stored: 6,
      gaps: [],
      isComplete: true,
    });
  });

  it('name the range that never came', async () => {
    const incarnation = randomUUID();
    await storeOn(db.pool).ingest([
      received(batchOf(incarnation, 1, 3)),
      received(batchOf(incarnation, 7, 9)),
      announced(announcementOf(incarnation, 'closed', { assigned: 10, dropped: 4 })),
    ]);
    const { status, gaps } = await judged(incarnation);
    assert.equal(status, 'gap');
    assert.deepEqual(gaps, [
      { from: 4, to: 6 },
      { from: 10, to: 10 },
    ]);
  });

  it('name rows that were stored and are gone', async () => {
    const incarnation = randomUUID();
    await storeOn(db.pool).ingest([
      received(batchOf(incarnation, 1, 9)),
      announced(announcementOf(incarnation, 'closed', { assigned: 9 })),
    ]);
    await db.admin.query('delete from api_key_usage where incarnation = $1 and sequence in (2, 3, 9)', [
      incarnation,
    ]);
    const { status, received: count, stored, gaps } = await judged(incarnation);
    assert.deepEqual({ status, count, stored }, { status: 'gap', count: 9, stored: 6 });
    assert.deepEqual(gaps, [
      { from: 2, to: 3 },
      { from: 9, to: 9 },
    ]);
  });

  it('end uncleanly when a gateway falls silent', async () => {
    const incarnation = randomUUID();
    const longAgo = new Date(Date.now() - 31_000);
    await storeOn(db.pool).ingest([
      announced(announcementOf(incarnation, 'progress', { assigned: 5, flushed: 3 }), longAgo),
      { kind: 'batch', receivedAt: longAgo, batch: batchOf(incarnation, 1, 3) },
    ]);
    const { status, assigned, gaps, isComplete } = await judged(incarnation);
    assert.deepEqual(
      { status, assigned, isComplete },
      { status: 'unclean_end', assigned: 5, isComplete: false },
    );
    assert.deepEqual(gaps, [{ from: 4, to: 5 }]);
  });

  it('are those that were heard of within the period', async () => {
    const incarnation = randomUUID();
    const store = storeOn(db.pool);
    await store.ingest([announced(announcementOf(incarnation, 'opened'), new Date('2024-06-01T10:00:00Z'))]);
    await store.ingest([announced(announcementOf(incarnation, 'closed'), new Date('2024-06-01T12:00:00Z'))]);
    const found = async (from: string, to: string) => {
      const period = { from: new Date(`2024-06-01T${from}Z`), to: new Date(`2024-06-01T${to}Z`) };
      const { judged } = await integrityOn(db.pool, period);
      return judged.some(({ account }) => account.incarnation === incarnation);
    };
    assert.equal(await found('11:00', '11:30'), true);
    assert.equal(await found('12:00', '13:00'), true);
    assert.equal(await found('12:01', '13:00'), false);
    assert.equal(await found('09:00', '10:00'), false);
  });

  it('are of an unclean end if a process was killed before it said anything, and another one says so', async () => {
    const incarnation = randomUUID();
    await storeOn(db.pool).ingest([announced(announcementOf(incarnation, 'left'))]);
    const { status, assigned, isComplete } = await judged(incarnation);
    assert.deepEqual([status, assigned, isComplete], ['unclean_end', 0, false]);
    const { rows } = await db.pool.query(
      'select opened_at is not null as known, announced_at from gateway_incarnations where incarnation = $1',
      [incarnation],
    );
    assert.deepEqual(rows, [{ known: true, announced_at: null }]);
  });

  it('stay of an unclean end while another process sends what was left', async () => {
    const incarnation = randomUUID();
    const store = storeOn(db.pool);
    const before = new Date(Date.now() - 2 * 86_400_000);
    await store.ingest([announced(announcementOf(incarnation, 'opened'), before)]);
    assert.equal((await judged(incarnation)).status, 'unclean_end');
    await store.ingest([received(batchOf(incarnation, 1, 3))]);
    assert.equal((await judged(incarnation)).status, 'unclean_end');
    await store.ingest([announced(announcementOf(incarnation, 'left', { assigned: 3 }))]);
    const { status, assigned, stored } = await judged(incarnation);
    assert.deepEqual([status, assigned, stored], ['unclean_end', 3, 3]);
    const { judged: found } = await integrityOn(db.pool, { from: new Date(Date.now() - 60_000) });
    const own = found.find(({ account }) => account.incarnation === incarnation);
    assert.deepEqual(own?.account.announcedAt, before, 'something came of it, but it said nothing');
  });

  it('name numbers that are gone of several, also of one whose clock is far off', async () => {
    const store = storeOn(db.pool);
    const incarnations = [randomUUID(), randomUUID()];
    await dropExpired(db.pool, 'raw', 90);
    for (const incarnation of incarnations) {
      const opened = { ...announcementOf(incarnation, 'opened'), at: '2019-01-01T00:00:00.000Z' };
      await store.ingest([announced(opened), received(batchOf(incarnation, 1, 5))]);
    }
    await db.admin.query('delete from api_key_usage where incarnation = $1 and sequence in (1, 4)', [
      incarnations[0],
    ]);
    await db.admin.query('delete from api_key_usage where incarnation = $1', [incarnations[1]]);
    const both = await Promise.all(incarnations.map((incarnation) => judged(incarnation)));
    assert.deepEqual(
      both.map(({ gaps }) => gaps),
      [
        [
          { from: 1, to: 1 },
          { from: 4, to: 4 },
        ],
        [{ from: 1, to: 5 }],
      ],
    );
  });

  it('come in pages, the verdict on all of them with each', async () => {
    const period = { from: new Date('2023-03-01T00:00:00Z'), to: new Date('2023-03-02T00:00:00Z') };
    const incarnations = Array.from({ length: 7 }, () => randomUUID());
    for (const [index, incarnation] of incarnations.entries()) {
      // Some are heard of at the same time.
      const at = new Date(period.from.getTime() + Math.floor(index / 3) * 1000);
      const counts = index === 6 ? { assigned: 9 } : {};
      await storeOn(db.pool).ingest([announced(announcementOf(incarnation, 'closed', counts), at)]);
    }
    const listed: string[] = [];
    for (let after: IncarnationPosition | null = null; ; ) {
      const page: Awaited<ReturnType<typeof integrityOn>> = await integrityOn(db.pool, {
        ...period,
        after,
        limit: 2,
      });
      const statuses = { open: 0, balanced: 6, gap: 1, unclean_end: 0 };
      assert.deepEqual(page.verdict, { isComplete: false, statuses });
      listed.push(...page.judged.map(({ account }) => account.incarnation));
      after = page.judged.at(-1)?.account ?? null;
      if (page.judged.length < 2) break;
    }
    assert.equal(listed.length, 7);
    assert.deepEqual(listed.toSorted(), incarnations.toSorted());
  });

  const anyIncarnation = fc.record({
    batches: fc.array(fc.record({ from: fc.integer({ min: 1, max: 12 }), length: fc.nat(4) }), {
      maxLength: 4,
    }),
    words: fc.array(
      fc.record({
        kind: fc.constantFrom('opened', 'progress', 'closed', 'left'),
        assigned: fc.nat(15),
        flushed: fc.nat(15),
        dropped: fc.constantFrom(0, 0, 2),
        secondsAgo: fc.constantFrom(1, 20, 60, 900, 1800),
      }),
      { maxLength: 4 },
    ),
    isRolledUp: fc.boolean(),
    gone: fc.constantFrom(0, 0, 1, 3),
  });

  it('show what is overdue of a process that lives, one by one and all at once', async () => {
    const store = storeOn(db.pool);
    const statusWith = async (last: number) => {
      const incarnation = randomUUID();
      const longAgo = new Date(Date.now() - 1_200_000);
      const counts = { assigned: 4, flushed: 4 };
      await store.ingest([announced(announcementOf(incarnation, 'progress', counts), longAgo)]);
      await store.ingest([
        received(batchOf(incarnation, 1, last)),
        announced(announcementOf(incarnation, 'progress', { assigned: 6, flushed: 6 })),
      ]);
      return (await judged(incarnation)).status;
    };
    assert.deepEqual([await statusWith(3), await statusWith(4)], ['gap', 'open']);
  });

  it('are judged alike one by one and all at once', async function () {
    this.timeout(60_000);
    const store = storeOn(db.pool);
    await fc.assert(
      fc.asyncProperty(fc.array(anyIncarnation, { minLength: 1, maxLength: 5 }), async (all) => {
        for (const { batches, words, isRolledUp, gone } of all) {
          const incarnation = randomUUID();
          const heard = words.map(({ kind, secondsAgo, ...counts }) =>
            announced(announcementOf(incarnation, kind, counts), new Date(Date.now() - secondsAgo * 1000)),
          );
          const sent = batches.map(({ from, length }) => received(batchOf(incarnation, from, from + length)));
          for (const message of [...sent, ...heard.toReversed()]) await store.ingest([message]);
          if (isRolledUp) await rollAll(db.pool);
          else
            await db.admin.query('delete from api_key_usage where incarnation = $1 and sequence <= $2', [
              incarnation,
              gone,
            ]);
        }
        await integrityOn(db.pool);
      }),
      { numRuns: 20 },
    );
  });
});
