/** The `Follow` stream while Postgres is restarted, away, or standing still. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { createPostgresServer, type TestDatabase, type TestPostgres } from '@hokusai/testing';
import pg from 'pg';
import { TestFollower } from './support/follower.ts';
import { type Replica, startReplica } from './support/replica.ts';

describe('Follow, while Postgres is out of order', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let replica: Replica;
  let follower: TestFollower;
  const opened: TestFollower[] = [];

  const follow = (options: Partial<ConstructorParameters<typeof TestFollower>[0]> = {}) => {
    const one = new TestFollower({ address: replica.address, ...options });
    opened.push(one);
    return one;
  };

  before(async function () {
    this.timeout(120_000);
    postgres = await createPostgresServer();
    database = await postgres.createDatabase('keys');
  });

  beforeEach(async () => {
    replica = await startReplica(database.url);
    follower = follow();
    await follower.nextTick();
  });

  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await replica.close();
  });

  after(() => postgres.close());

  async function change(): Promise<string> {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    const keyId = randomUUID();
    await client.query('insert into key_changes (key_id, version) values ($1, 1)', [keyId]);
    await client.query("select pg_notify('hokusai_key_changes', '')");
    await client.end();
    return keyId;
  }

  /** Follows on until the database is there again. */
  async function followAgain(resumeAfter: TestFollower['position']): Promise<TestFollower> {
    for (;;) {
      const again = follow({ incarnation: follower.incarnation, resumeAfter });
      const first = await Promise.race([again.nextTick(), again.ended]);
      if (!('code' in first)) return again;
      assert.equal(first.code, status.UNAVAILABLE);
    }
  }

  it('resets all gateways after a restart, whether their streams outlived it or not', async () => {
    const { epoch } = follower.position;
    await postgres.stop();
    await postgres.start();
    const outcome = await Promise.race([follower.reset(), follower.ended]);
    const next = typeof outcome === 'string' ? follower : await followAgain(follower.position);
    assert.match(await next.reset(), /restarted, restored or replaced/);
    await next.tick(({ read }) => read?.epoch !== epoch);
    await next.change(await change());
    assert.equal(next.resets.length, 1);
  });

  it('gives no tick while the database stands still, and goes on from there without a reset', async () => {
    await postgres.pause();
    assert.equal((await follower.ended).code, status.UNAVAILABLE);
    const told = follower.ticks.length;
    const impatient = follow();
    assert.equal((await impatient.ended).code, status.UNAVAILABLE);
    assert.equal(impatient.messages.length, 0);
    await postgres.resume();
    const again = await followAgain(follower.position);
    await again.change(await change());
    assert.deepEqual([again.resets, follower.ticks.length], [[], told]);
  });

  it('ends its streams while the database is away, and stops in that state', async () => {
    await postgres.stop();
    assert.equal((await follower.ended).code, status.UNAVAILABLE);
    await replica.close();
    await postgres.start();
    replica = await startReplica(database.url);
    const again = await followAgain(follower.position);
    assert.match(await again.reset(), /restarted, restored or replaced/);
  });
});
