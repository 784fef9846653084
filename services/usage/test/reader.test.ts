import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { UsageRequest } from '@hokusai/contracts';
import fc from 'fast-check';
import type { UsageSelection } from '../src/domain/access.ts';
import { judge } from '../src/domain/integrity.ts';
import { readerOn } from './support/rolling.ts';
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
    const accounts = await readerOn(db.pool).incarnations({ from: null, to: null });
    const account = accounts.find((one) => one.incarnation === incarnation);
    assert.ok(account);
    const { status, assigned, received: count, gaps, isComplete } = judge(account, Date.now());
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
      const accounts = await readerOn(db.pool).incarnations(period);
      return accounts.some((one) => one.incarnation === incarnation);
    };
    assert.equal(await found('11:00', '11:30'), true);
    assert.equal(await found('12:00', '13:00'), true);
    assert.equal(await found('12:01', '13:00'), false);
    assert.equal(await found('09:00', '10:00'), false);
  });
});
