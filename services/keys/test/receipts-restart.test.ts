/** Revocations that wait for gateways, while Postgres is restarted. */
import assert from 'node:assert/strict';
import { createPostgresServer, eventually, type TestDatabase, type TestPostgres } from '@hokusai/testing';
import type { Receipt } from '../src/domain/receipt.ts';
import { type Core, type IssuedKey, openCore } from './support/core.ts';
import { TestFollower } from './support/follower.ts';
import { type Replica, startReplica } from './support/replica.ts';

const TRUST_MS = 65_000;
/** Longer than a restart takes. */
const WAIT_LIMIT_MS = 10_000;

describe('revocations that wait for gateways, around a restart of Postgres', function () {
  this.timeout(120_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let replica: Replica;
  let core: Core;
  let admin: IssuedKey;
  const followers: TestFollower[] = [];

  beforeEach(async () => {
    postgres = await createPostgresServer();
    database = await postgres.createDatabase('keys');
    replica = await startReplica(database.url);
    core = openCore(database.url, { waitLimitMs: WAIT_LIMIT_MS });
    admin = await core.bootstrapAdmin();
  });

  afterEach(async () => {
    for (const follower of followers.splice(0)) await follower.close();
    await replica.close();
    await core.close();
    await postgres.close();
  });

  function follow(options: Partial<ConstructorParameters<typeof TestFollower>[0]> = {}): TestFollower {
    const follower = new TestFollower({ address: replica.address, ...options });
    followers.push(follower);
    return follower;
  }

  /** The same gateway, once there are ticks again. */
  async function followAgain({ incarnation, position }: Pick<TestFollower, 'incarnation' | 'position'>) {
    await eventually(async () => {
      const again = follow({ incarnation, resumeAfter: position, isLively: true });
      // It goes on counting.
      again.ping(100);
      await again.tick(({ read }) => read?.epoch !== position.epoch);
    });
  }

  const victim = () => core.issue(admin, { userId: admin.key.userId, scopes: ['keys:write'] });
  const isRevoked = async (id: string) => (await core.reader.readState(id)).found?.key.revokedAt !== null;
  const statuses = ({ gateways }: Receipt) => gateways.map(({ status }) => status);

  async function restart(): Promise<void> {
    await postgres.stop();
    await postgres.start();
    await eventually(() => core.reader.readState(''));
  }

  it('are acknowledged in the new epoch, and incomplete for a while', async () => {
    const { key } = await victim();
    const before = follow();
    await before.nextTick();
    await before.close();
    await restart();
    await followAgain(before);
    const { receipt } = await core.revoke(admin, key.id, { wait: true });
    assert.ok(receipt);
    assert.deepEqual([statuses(receipt), receipt.isComplete], [['acknowledged'], false]);
    const leftMs = receipt.effectiveNoLaterThan.getTime() - receipt.committedAt.getTime();
    assert.ok(leftMs > TRUST_MS - 30_000 && leftMs <= TRUST_MS, `${leftMs} ms`);
  });

  it('that it interrupts take nothing of the new epoch for an answer, and stay done', async () => {
    const { key } = await victim();
    const before = follow();
    await before.nextTick();
    const { incarnation, position } = before;
    const revoking = core.revoke(admin, key.id, { wait: true });
    await before.change(key.id);
    await before.close();
    await restart();
    // It comes as one that had not applied the change yet.
    await followAgain({ incarnation, position });
    const { receipt } = await revoking;
    assert.ok(receipt);
    assert.deepEqual([statuses(receipt), receipt.isComplete], [['silent'], false]);
    assert.ok(await isRevoked(key.id));
    const again = (await core.revoke(admin, key.id, { wait: true })).receipt;
    assert.deepEqual(again && statuses(again), ['acknowledged']);
  });
});
