/** The `Follow` stream over gRPC, on real Postgres. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { createDatabase, eventually, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';
import { TestFollower } from './support/follower.ts';
import { type Replica, startReplica } from './support/replica.ts';

describe('Follow', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let replica: Replica;
  let admin: pg.Client;
  const closers: (() => Promise<unknown>)[] = [];

  beforeEach(async function () {
    this.timeout(120_000);
    database = await createDatabase('keys');
    replica = await startReplica(database.url);
    admin = await connect();
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await replica.close();
    await database.close();
  });

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.adminUrl });
    client.on('error', () => {
      // Sessions are ended from outside by some tests.
    });
    await client.connect();
    closers.push(() => client.end());
    return client;
  }

  function follow(options: Partial<ConstructorParameters<typeof TestFollower>[0]> = {}): TestFollower {
    const follower = new TestFollower({ address: replica.address, ...options });
    closers.push(() => follower.close());
    return follower;
  }

  /** Writes a change within the transaction that the client has open, or in one of its own. */
  async function change(client: pg.Client, keyId: string = randomUUID()): Promise<string> {
    await client.query('insert into key_changes (key_id, version) values ($1, 1)', [keyId]);
    await client.query("select pg_notify('hokusai_key_changes', '')");
    return keyId;
  }

  const gateway = async (incarnation: string) => {
    const { rows } = await admin.query('select * from gateways where incarnation = $1', [incarnation]);
    return rows[0] as Record<string, unknown> | undefined;
  };

  it('delivers transactions that commit out of order, and again until the cut has passed them', async () => {
    const [first, second] = [await connect(), await connect()];
    const follower = follow();
    await follower.nextTick();
    await first.query('begin');
    const early = await change(first);
    await second.query('begin');
    const late = await change(second);
    await second.query('commit');
    const tick = await follower.change(late);
    assert.ok(!tick.changes.some(({ keyId }) => keyId === early));
    await first.query('commit');
    const both = await follower.change(early);
    assert.ok(
      both.changes.some(({ keyId }) => keyId === late),
      'it is sent again',
    );
    assert.ok(BigInt(both.read?.cut ?? 0) > BigInt(tick.read?.cut ?? 0));
    const { changes } = await follower.nextTick();
    assert.deepEqual(changes, []);
  });

  it('has whatever was committed before a ping was sent in the tick that echoes it, at the latest', async () => {
    const follower = follow();
    await follower.nextTick();
    const committed: string[] = [];
    const writers = await Promise.all([connect(), connect(), connect()]);
    let isOver = false;
    const write = async (client: pg.Client) => {
      while (!isOver) {
        await client.query('begin');
        const key = await change(client);
        await client.query('commit');
        committed.push(key);
      }
    };
    const writing = Promise.all(writers.map(write));
    for (let number = 1; number <= 100; number += 1) {
      const before = committed.slice();
      follower.ping(number);
      await follower.tick(({ echo }) => Number(echo) >= number);
      const heard = new Set(follower.ticks.flatMap(({ changes }) => changes.map(({ keyId }) => keyId)));
      assert.deepEqual(
        before.filter((key) => !heard.has(key)),
        [],
      );
    }
    isOver = true;
    await writing;
    assert.ok(committed.length > 100, `there was something to hear: ${committed.length} changes`);
  });

  it('echoes only pings, and counts its ticks', async () => {
    const follower = follow();
    const first = await follower.nextTick();
    assert.deepEqual([first.number, first.echo], ['1', '0']);
    follower.ping(41);
    const echoing = await follower.tick(({ echo }) => echo === '41');
    assert.deepEqual(
      follower.ticks.map(({ number }) => Number(number)),
      follower.ticks.map((_, index) => index + 1),
    );
    assert.match(echoing.read?.epoch ?? '', /^\d+-\w+-\d+-\d+$/);
    assert.ok(echoing.read?.readAt);
  });

  it('resumes where a gateway was, at another replica too', async () => {
    const other = await startReplica(database.url);
    closers.push(() => other.close());
    const before = follow();
    await before.nextTick();
    await before.close();
    const missed = await change(admin);
    for (const { address } of [replica, other]) {
      const resumed = follow({ address, incarnation: before.incarnation, resumeAfter: before.position });
      await resumed.change(missed);
      assert.deepEqual(resumed.resets, []);
      await resumed.close();
    }
  });

  it('tells a change to the followers of every replica', async () => {
    const other = await startReplica(database.url);
    closers.push(() => other.close());
    const followers = [follow(), follow({ address: other.address }), follow({ address: other.address })];
    for (const follower of followers) await follower.nextTick();
    const key = await change(admin);
    for (const follower of followers) await follower.change(key);
  });

  it('resets a gateway that comes from another epoch, and then starts it afresh', async () => {
    const history = await change(admin);
    const follower = follow({ resumeAfter: { epoch: 'another', cut: '1' } });
    assert.match(await follower.reset(), /restarted, restored or replaced/);
    const { changes } = await follower.tick(() => true);
    assert.ok(!changes.some(({ keyId }) => keyId === history));
  });

  it('resets a gateway that was away for longer than the log reaches back', async () => {
    const before = follow();
    await before.nextTick();
    await before.close();
    const missed = await change(admin);
    const { rows } = await admin.query('select pg_snapshot_xmin(pg_current_snapshot())::text as cut');
    const { cut } = rows[0] as { cut: string };
    await admin.query('update key_changes_trimmed set below = $1::text::xid8', [cut]);
    await admin.query('delete from key_changes where xid < $1::text::xid8', [cut]);
    const resumed = follow({ incarnation: before.incarnation, resumeAfter: before.position });
    assert.match(await resumed.reset(), /no longer reaches back/);
    await resumed.tick(() => true);
    assert.ok(!resumed.ticks.some(({ changes }) => changes.some(({ keyId }) => keyId === missed)));
    const current = follow({ resumeAfter: resumed.position });
    await current.nextTick();
    assert.deepEqual(current.resets, []);
  });

  it('starts a gateway afresh with what its first cut has not passed, whatever it claims to know', async () => {
    const holder = await connect();
    await holder.query('begin');
    await change(holder);
    const committed = await change(admin);
    const honest = follow();
    await honest.change(committed);
    await honest.close();
    await eventually(() => assert.equal(replica.followers(), 0));
    const ahead = follow({ resumeAfter: { ...honest.position, cut: '9000000000000000000' } });
    assert.match(await ahead.reset(), /ahead of the database/);
    const { changes } = await ahead.tick(() => true);
    assert.ok(changes.some(({ keyId }) => keyId === committed));
    await holder.query('commit');
  });

  it('gives no tick to a follower that does not stand in the database', async () => {
    await admin.query('begin');
    await admin.query('lock table gateways in exclusive mode');
    const follower = follow();
    const observer = await connect();
    await eventually(async () => {
      const { rows } = await observer.query(
        "select from pg_stat_activity where application_name = 'hokusai-keys-follow' and wait_event_type = 'Lock' and datname = current_database()",
      );
      assert.equal(rows.length, 1);
    });
    assert.equal(follower.ticks.length, 0);
    await admin.query('commit');
    await follower.tick(() => true);
    const known = await gateway(follower.incarnation);
    assert.deepEqual(
      [known?.['gateway'], known?.['trust_ms'], known?.['last_ping_number'], known?.['left_at']],
      ['test:8080', 65_000, '0', null],
    );
  });

  it('notes the last ping, what was applied by then, and the goodbye', async () => {
    const follower = follow();
    await follower.nextTick();
    follower.ping(7);
    await follower.tick(({ echo }) => echo === '7');
    const pinged = await gateway(follower.incarnation);
    const { epoch, cut } = follower.ticks[0]?.read ?? {};
    assert.deepEqual(
      [pinged?.['last_ping_number'], pinged?.['applied'], pinged?.['epoch'], pinged?.['applied_cut']],
      ['7', '1', epoch, cut],
    );
    follower.call.write({ leave: {} });
    assert.deepEqual(await follower.ended, { code: status.OK, details: '' });
    const left = await gateway(follower.incarnation);
    assert.ok((left?.['left_at'] as Date) >= (pinged?.['last_ping_at'] as Date));
    assert.equal(left?.['last_ping_number'], '7');
  });

  it('moves the time of the last ping with the ping only', async () => {
    const follower = follow();
    await follower.nextTick();
    follower.ping(1);
    await follower.tick(({ echo }) => echo === '1');
    const atPing = (await gateway(follower.incarnation))?.['last_ping_at'];
    await change(admin);
    await follower.nextTick();
    assert.deepEqual((await gateway(follower.incarnation))?.['last_ping_at'], atPing);
  });

  it('gives no tick where nothing can be committed, and ends the streams', async () => {
    const follower = follow();
    await follower.nextTick();
    await setReadOnly('on');
    const { code } = await follower.ended;
    assert.equal(code, status.UNAVAILABLE);
    const whileReadOnly = follow();
    assert.equal((await whileReadOnly.ended).code, status.UNAVAILABLE);
    assert.equal(whileReadOnly.messages.length, 0);
    const missed = await change(admin);
    await setReadOnly('off');
    const after = follow({ resumeAfter: follower.position });
    await after.change(missed);
    assert.deepEqual(after.resets, []);
  });

  /** For new sessions of the service; its present ones are ended. */
  async function setReadOnly(value: 'on' | 'off'): Promise<void> {
    await admin.query(`alter role hokusai_keys in database ${database.name}
      set default_transaction_read_only = ${value}`);
    await endSessions();
  }

  const endSessions = () =>
    admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and usename = 'hokusai_keys'`);

  it('goes on after all of its sessions were ended, and listens again', async () => {
    const follower = follow();
    await follower.nextTick();
    await endSessions();
    await eventually(async () => {
      const { rows } = await admin.query(
        "select from pg_stat_activity where application_name = 'hokusai-keys-listen' and state = 'idle' and datname = current_database()",
      );
      assert.equal(rows.length, 1);
    });
    await follower.change(await change(admin));
    assert.deepEqual(follower.resets, []);
  });

  it('ends an older stream of the same gateway', async () => {
    const older = follow();
    await older.nextTick();
    const newer = follow({ incarnation: older.incarnation });
    await newer.nextTick();
    assert.equal((await older.ended).code, status.ABORTED);
    assert.equal(replica.followers(), 1);
  });

  it('refuses what is not of the protocol', async () => {
    const pinging = follow();
    pinging.call.write({ open: { incarnation: pinging.incarnation, gateway: 'again' } });
    const { code, details } = await pinging.ended;
    assert.deepEqual(
      [code, details],
      [status.INVALID_ARGUMENT, 'A stream begins with one `open`, then come pings.'],
    );
    const nameless = follow({ incarnation: 'not-a-uuid' });
    const refusal = await nameless.ended;
    assert.equal(refusal.code, status.INVALID_ARGUMENT);
    assert.match(refusal.details, /incarnation must be a uuid/);
    assert.equal(replica.followers(), 0);
  });

  it('ends the stream that says what the database can not keep, and no other', async () => {
    const honest = follow();
    await honest.nextTick();
    const liar = follow({ gateway: 'x\0y' });
    const beyond = follow();
    await beyond.nextTick();
    beyond.ping('9223372036854775808');
    for (const follower of [liar, beyond]) assert.equal((await follower.ended).code, status.INVALID_ARGUMENT);
    honest.ping(1);
    await honest.tick(({ echo }) => echo === '1');
  });

  it('knows a gateway by its incarnation in either spelling', async () => {
    const older = follow();
    await older.nextTick();
    const newer = follow({ incarnation: older.incarnation.toUpperCase() });
    await newer.nextTick();
    assert.equal((await older.ended).code, status.ABORTED);
  });

  it('clears away the answers to repeated requests that are too old, and no others', async () => {
    await admin.query(`
      insert into idempotency (caller_key_id, key_hash, fingerprint, sealed_response, expires_at)
      select gen_random_uuid(), sha256('k'), sha256('f'), 'sealed', now() + life
      from unnest(array['-1 second', '-1 hour', '1 hour']::interval[]) as life`);
    // A replica clears when it starts, and then each minute.
    const other = await startReplica(database.url);
    closers.push(() => other.close());
    await eventually(async () => {
      const { rows } = await admin.query('select expires_at > now() as "isFresh" from idempotency');
      assert.deepEqual(rows, [{ isFresh: true }]);
    });
  });

  it('drops a follower that reads nothing, and keeps nothing for it', async () => {
    const slow = follow();
    const quick = follow();
    await Promise.all([slow.nextTick(), quick.nextTick()]);
    slow.call.pause();
    // While an older transaction runs, the same many rows are sent with each tick.
    const holder = await connect();
    await holder.query('begin');
    await change(holder);
    await admin.query(`insert into key_changes (key_id, version)
      select gen_random_uuid(), 1 from generate_series(1, 12000)`);
    await eventually(async () => {
      await change(admin);
      assert.equal(replica.followers(), 1);
    });
    await holder.query('commit');
    await quick.change(await change(admin));
    slow.call.resume();
    assert.equal((await slow.ended).code, status.UNAVAILABLE);
  });

  it('uses two connections however many follow, and leaves none behind', async () => {
    const connections = async () => {
      const { rows } = await admin.query(
        "select from pg_stat_activity where datname = current_database() and usename = 'hokusai_keys'",
      );
      return rows.length;
    };
    const followers = Array.from({ length: 20 }, () => follow());
    await Promise.all(followers.map((follower) => follower.nextTick()));
    assert.equal(await connections(), 2);
    const other = await startReplica(database.url);
    const following = follow({ address: other.address });
    await following.nextTick();
    await other.close();
    assert.equal((await following.ended).code, status.UNAVAILABLE);
    await eventually(async () => assert.equal(await connections(), 2));
    for (const follower of followers) await follower.close();
    await eventually(() => assert.equal(replica.followers(), 0));
  });
});
