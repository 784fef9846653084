/** Revocations that wait for gateways, with streams to several replicas, on real Postgres. */
import assert from 'node:assert/strict';
import { listenToPostgres } from '@hokusai/service-kit';
import { createDatabase, eventually, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';
import type { Revocation } from '../src/application/revoke-key.ts';
import { GATEWAYS_CHANNEL } from '../src/domain/channels.ts';
import type { Receipt } from '../src/domain/receipt.ts';
import { type Core, type IssuedKey, openCore, refusal } from './support/core.ts';
import { TestFollower } from './support/follower.ts';
import { type Replica, startReplica } from './support/replica.ts';

const TRUST_MS = 65_000;
const WAIT_LIMIT_MS = 30_000;
/** Where a test waits for as long as that. */
const SHORT_LIMIT_MS = 3000;

describe('revocations that wait for gateways', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let replicas: Replica[];
  let core: Core;
  let admin: IssuedKey;
  let closers: (() => unknown)[];
  /** Notifications that a gateway has answered, and the first one that comes when it is listened for. */
  let words: number;

  beforeEach(async () => {
    database = await createDatabase('keys');
    replicas = [await startReplica(database.url), await startReplica(database.url)];
    core = openCore(database.url, { waitLimitMs: WAIT_LIMIT_MS });
    words = 0;
    const listener = listenToPostgres({
      connectionString: database.url,
      applicationName: 'test',
      channels: {
        [GATEWAYS_CHANNEL]: () => {
          words += 1;
          core.receipts.wake();
        },
      },
      onError: () => {},
    });
    closers = [() => listener.close()];
    admin = await core.bootstrapAdmin();
    await eventually(() => assert.equal(words, 1));
  });

  afterEach(async () => {
    for (const close of closers.reverse()) await close();
    for (const replica of replicas) await replica.close();
    await core.close();
    await database.close();
  });

  /** A gateway that has applied its first tick, and that stands in the database with it. */
  async function follow(
    gateway: string,
    { replica = 0, isLively = true, ...options }: Partial<TestFollower> & FollowOptions = {},
  ): Promise<TestFollower> {
    const address = replicas[replica]?.address ?? '';
    const follower = new TestFollower({ ...options, address, gateway, isLively });
    closers.push(() => follower.close());
    await follower.tick(() => true);
    if (!isLively) follower.ping(1);
    await follower.tick(({ echo }) => echo !== '0');
    return follower;
  }
  interface FollowOptions {
    replica?: number;
    isLively?: boolean;
    resumeAfter?: { epoch: string; cut: string };
  }

  const victim = (of = admin) => core.issue(of, { userId: of.key.userId, scopes: ['keys:write'] });
  const revoke = async (
    id: string,
    request: object = {},
    { revoke: by } = core,
  ): Promise<Revocation & { receipt: Receipt }> => {
    const { receipt, ...rest } = await by(admin, id, { wait: true, ...request });
    assert.ok(receipt);
    return { ...rest, receipt };
  };
  const impatientCore = (): Core => {
    const impatient = openCore(database.url, { waitLimitMs: SHORT_LIMIT_MS });
    closers.push(() => impatient.close());
    return impatient;
  };
  const statuses = ({ gateways }: Receipt) => gateways.map(({ gateway, status }) => [gateway, status]);
  const connect = async () => {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    closers.push(() => client.end());
    return client;
  };

  it('are acknowledged by the gateways of all replicas, each with its lag', async () => {
    const followers = [await follow('a'), await follow('b', { replica: 1 })];
    const { key } = await victim();
    await eventually(() => assert.ok(words > 1, 'its creation was acknowledged'));
    const wordsBefore = words;
    const askedAt = Date.now();
    const { receipt, revokedCount } = await revoke(key.id);
    const tookMs = Date.now() - askedAt;
    assert.ok(words > wordsBefore, 'a notification came');
    assert.deepEqual(statuses(receipt), [
      ['a', 'acknowledged'],
      ['b', 'acknowledged'],
    ]);
    assert.equal(revokedCount, 1);
    assert.ok(receipt.isComplete);
    for (const { lagMs, fencedBy } of receipt.gateways)
      assert.ok(fencedBy === null && lagMs !== null && lagMs > 0 && lagMs <= tookMs, `${lagMs} ms`);
    const lastMs =
      receipt.committedAt.getTime() + Math.max(...receipt.gateways.map(({ lagMs }) => lagMs ?? 0));
    assert.equal(receipt.effectiveNoLaterThan.getTime(), lastMs);
    assert.ok(tookMs < WAIT_LIMIT_MS);
    for (const { ticks } of followers)
      assert.ok(ticks.some(({ changes }) => changes.some(({ keyId }) => keyId === key.id)));
  });

  it('have a gateway that stopped pinging as silent at the limit, fenced by its trust', async () => {
    const { key } = await victim();
    await follow('lively', { replica: 1 });
    const stalled = await follow('stalled', { isLively: false });
    const { receipt } = await revoke(key.id, {}, impatientCore());
    // It has heard of it, but nobody can know.
    await stalled.change(key.id);
    assert.deepEqual(statuses(receipt), [
      ['lively', 'acknowledged'],
      ['stalled', 'silent'],
    ]);
    const fencedBy = receipt.gateways[1]?.fencedBy;
    const trustMs = (fencedBy?.getTime() ?? 0) - receipt.committedAt.getTime();
    assert.ok(trustMs >= TRUST_MS && trustMs < TRUST_MS + WAIT_LIMIT_MS, `${trustMs} ms`);
    assert.deepEqual(receipt.effectiveNoLaterThan, fencedBy);
    assert.ok(receipt.isComplete);
  });

  it('wait no longer for a gateway that says goodbye, and not at all for one that has', async () => {
    const { key } = await victim();
    const [before, during] = [await follow('before'), await follow('during', { isLively: false })];
    before.call.write({ leave: {} });
    await before.ended;
    const revoking = revoke(key.id);
    await during.change(key.id);
    during.call.write({ leave: {} });
    assert.deepEqual(statuses((await revoking).receipt), [['during', 'left']]);
  });

  it('wait for a gateway that is between two streams', async () => {
    const { key } = await victim();
    const former = await follow('a');
    await former.close();
    const revoking = revoke(key.id);
    const { incarnation, position: resumeAfter } = former;
    const address = replicas[1]?.address ?? '';
    const again = new TestFollower({ address, incarnation, resumeAfter, gateway: 'a', isLively: true });
    closers.push(() => again.close());
    // It goes on counting.
    again.ping(100);
    assert.deepEqual(statuses((await revoking).receipt), [['a', 'acknowledged']]);
  });

  it('take nothing for an answer while an older transaction runs, and the answer soon after it', async () => {
    const { key } = await victim();
    const follower = await follow('a');
    const older = await connect();
    await older.query('begin');
    await older.query('select pg_current_xact_id()');
    let isAnswered = false;
    const revoking = revoke(key.id).finally(() => {
      isAnswered = true;
    });
    await follower.change(key.id);
    // Its answer to that tick has been recorded by now.
    await follower.nextTick();
    await follower.nextTick();
    assert.ok(!isAnswered);
    await older.query('commit');
    const { receipt } = await revoking;
    assert.deepEqual(statuses(receipt), [['a', 'acknowledged']]);
  });

  it('with a cascade cover all keys', async () => {
    const follower = await follow('a');
    const parent = await victim();
    const children = [await victim(parent), await victim(parent)];
    const { receipt, revokedCount } = await revoke(parent.key.id, { cascade: true });
    assert.equal(revokedCount, 3);
    assert.deepEqual(statuses(receipt), [['a', 'acknowledged']]);
    const heard = new Set(follower.ticks.flatMap(({ changes }) => changes.map(({ keyId }) => keyId)));
    for (const { key } of [parent, ...children]) assert.ok(heard.has(key.id));
  });

  it('of a revoked key answer at once with what has been applied', async () => {
    await follow('a');
    const { key } = await victim();
    const first = await revoke(key.id);
    const { receipt, revokedCount } = await revoke(key.id);
    assert.equal(revokedCount, 0);
    assert.deepEqual(receipt.committedAt, first.key.revokedAt);
    assert.deepEqual(
      receipt.gateways.map(({ status, lagMs }) => [status, lagMs]),
      [['acknowledged', null]],
    );
  });

  it('of a key whose revocation has gone from the log are acknowledged by all that went on since', async () => {
    const { key } = await victim();
    const follower = await follow('a');
    await core.revoke(admin, key.id);
    await follower.change(key.id);
    const { cut } = (
      await follower.tick(({ read, changes }) => changes.length === 0 && BigInt(read?.cut ?? 0) > 0n)
    ).read as { cut: string };
    await core.pool.query('update key_changes_trimmed set below = $1::text::xid8', [cut]);
    await core.pool.query('delete from key_changes where key_id = $1', [key.id]);
    const { receipt } = await revoke(key.id);
    assert.deepEqual(statuses(receipt), [['a', 'acknowledged']]);
  });

  it('are complete at once where there is no gateway', async () => {
    const { key } = await victim();
    const { receipt } = await revoke(key.id);
    assert.equal(words, 1, 'nobody had anything to tell');
    assert.deepEqual([receipt.gateways, receipt.isComplete], [[], true]);
    assert.deepEqual(receipt.effectiveNoLaterThan, receipt.committedAt);
  });

  it('are incomplete after the database was replaced, since its former followers are not known', async () => {
    await core.pool.query("update database_epoch set epoch = 'former'");
    const { key } = await victim();
    const { receipt } = await revoke(key.id);
    assert.deepEqual([receipt.gateways, receipt.isComplete], [[], false]);
    const trustMs = receipt.effectiveNoLaterThan.getTime() - receipt.committedAt.getTime();
    assert.ok(trustMs >= TRUST_MS && trustMs < TRUST_MS + WAIT_LIMIT_MS);
    await core.pool.query(`update database_epoch set since = since - interval '66 seconds'`);
    assert.ok((await revoke((await victim()).key.id)).receipt.isComplete);
  });

  it('note a change of the epoch as soon as a replica sees it', async () => {
    await core.pool.query("update database_epoch set epoch = 'former', since = '-infinity'");
    const seen = async () => {
      const { rows } = await core.pool.query(
        "select epoch <> 'former' and since > '-infinity' as seen from database_epoch",
      );
      return rows[0]?.seen;
    };
    replicas.push(await startReplica(database.url));
    await follow('a', { replica: 2 });
    assert.equal(await seen(), true);
  });

  it('end with the call that waits, and stay done', async () => {
    const { key } = await victim();
    const stalled = await follow('stalled', { isLively: false });
    const cancelled = new AbortController();
    const startedAt = performance.now();
    const revoking = core.revoke(admin, key.id, { wait: true }, cancelled.signal);
    await stalled.change(key.id);
    cancelled.abort();
    await revoking;
    assert.ok(performance.now() - startedAt < WAIT_LIMIT_MS);
    assert.notEqual((await core.reader.readState(key.id)).found?.key.revokedAt, null);
  });

  it('are done also where the gateways can not be read, and say so', async () => {
    const { key } = await victim();
    const holder = await connect();
    await holder.query('begin');
    await holder.query('lock table gateways in access exclusive mode');
    assert.deepEqual(await refusal(impatientCore().revoke(admin, key.id, { wait: true })), [
      'unavailable',
      'receipt_unavailable',
    ]);
    await holder.query('rollback');
    await eventually(async () => {
      const { receipt, revokedCount } = await revoke(key.id);
      assert.deepEqual([receipt.gateways, revokedCount], [[], 0]);
    });
  });
});
