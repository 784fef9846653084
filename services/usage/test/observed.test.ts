/** Whom gateways in observe mode would have refused: what is stored of it, and what is answered. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { ObservedRefusal, UsageBatch } from '@hokusai/contracts';
import { createUsageReader } from '../src/storage/reader.ts';
import { openUsageDatabase, received, storeOn, type UsageDatabase } from './support/usage-database.ts';
import { batchOf } from './support/usage-events.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe('observed refusals', () => {
  let db: UsageDatabase;
  const nowMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  const minute = new Date(nowMs - MINUTE_MS).toISOString();

  before(async () => {
    db = await openUsageDatabase();
  });
  after(() => db.close());
  beforeEach(() => db.admin.query('truncate observed_refusals'));

  const observed = (changes: Partial<ObservedRefusal>): ObservedRefusal => ({
    ...{ minute, reason: 'key_missing', client_ip: '192.0.2.1', user_agent_family: 'curl', key_prefix: '' },
    count: 1,
    ...changes,
  });
  const batch = (all: ObservedRefusal[], incarnation: string = randomUUID()): UsageBatch => ({
    ...batchOf(incarnation, 1, 0),
    observed: all,
  });
  const ask = (fromMs = nowMs - DAY_MS, toMs = nowMs + DAY_MS, limit = 100) =>
    createUsageReader(db.pool).observed({ from: new Date(fromMs), to: new Date(toMs) }, limit);

  it('are summed over gateways and minutes, the highest count of each, most requests first', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const earlier = new Date(nowMs - 5 * MINUTE_MS).toISOString();
    await storeOn(db.pool).ingest([
      received(
        batch([observed({ count: 3 }), observed({ reason: 'scope_missing', key_prefix: 'hk_live_a' })], one),
      ),
      received(batch([observed({ count: 2 })], one)),
      received(batch([observed({ count: 10, minute: earlier })], other)),
    ]);
    await storeOn(db.pool).ingest([received(batch([observed({ count: 4 })], one))]);
    const found = await ask();
    assert.deepEqual(
      found.map(({ reason, requests, keyPrefix }) => [reason, requests, keyPrefix]),
      [
        ['key_missing', '14', ''],
        ['scope_missing', '1', 'hk_live_a'],
      ],
    );
    assert.deepEqual(
      [found[0]?.firstMinute.toISOString(), found[0]?.lastMinute.toISOString()],
      [earlier, minute],
    );
  });

  it('are those of the period, and no more than asked for', async () => {
    await storeOn(db.pool).ingest([
      received(batch(['a', 'b', 'c'].map((client_ip, index) => observed({ client_ip, count: index + 1 })))),
    ]);
    assert.deepEqual(
      (await ask(undefined, undefined, 2)).map(({ clientIp }) => clientIp),
      ['c', 'b'],
    );
    assert.deepEqual(await ask(nowMs), []);
  });

  it('are stored also where a text holds what Postgres can not', async () => {
    await storeOn(db.pool).ingest([received(batch([observed({ user_agent_family: 'a\0b\ud800' })]))]);
    assert.equal((await ask())[0]?.userAgentFamily, 'a\ufffdb\ufffd');
  });

  it('are forgotten with the requests of their time', async () => {
    await storeOn(db.pool).ingest([received(batch([observed({})]))]);
    const forget = (days: number) => db.pool.query('select drop_expired_observations($1) as dropped', [days]);
    assert.equal((await forget(1)).rows[0].dropped, '0', 'sixteen days at least are kept');
    await db.admin.query("update observed_refusals set minute = minute - interval '30 days'");
    assert.equal((await forget(20)).rows[0].dropped, '1');
    assert.deepEqual(await ask(nowMs - 40 * DAY_MS), []);
  });
});
