import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  createServiceClient,
  HokusaiError,
  type ServiceClient,
  SUBJECTS,
  services,
} from '@hokusai/contracts';
import { type Bus, openBus } from '@hokusai/service-kit';
import {
  createNats,
  createPostgresServer,
  eventually,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
  streamMessages,
  type TestDatabase,
  type TestNats,
  type TestPostgres,
  type TestService,
} from '@hokusai/testing';
import { poolOf, silent, storedSequences, upTo } from './support/usage-database.ts';
import {
  announcementOf,
  batchOf,
  KEY,
  keyEventOf,
  publishAnnouncement,
  publishBatch,
  publishKeyEvent,
  USER,
} from './support/usage-events.ts';

describe('usage service', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let nats: TestNats;
  let gateway: Bus;
  let keys: Bus;
  let pool: ReturnType<typeof poolOf>;
  let service: TestService;
  let usage: ServiceClient<typeof services.usage>;
  const replicas: TestService[] = [];

  async function start(grpcPort: number): Promise<TestService> {
    const env = {
      USAGE_DATABASE_URL: database.url,
      NATS_URL: nats.urls.usage,
      USAGE_GRPC_PORT: String(grpcPort),
      USAGE_GRPC_CALLERS: grpcCallers(services.usage),
      HEALTH_PORT: String(await freePort()),
    };
    const replica = await spawnService({ entry: 'services/usage/src/main.ts', env });
    replicas.push(replica);
    return replica;
  }

  before(async function () {
    this.timeout(120_000);
    [postgres, nats] = await Promise.all([createPostgresServer(), createNats({ ackWaitMs: 2000 })]);
    database = await postgres.createDatabase('usage');
    pool = poolOf(database.url);
    const busTo = (url: string) => openBus({ url, name: 'test', publishTimeoutMs: 30_000, logger: silent });
    gateway = busTo(nats.urls.gateway);
    keys = busTo(nats.urls.keys);
    await eventually(() => Promise.all([gateway.check(), keys.check()]));
    const grpcPort = await freePort();
    service = await start(grpcPort);
    usage = createServiceClient(services.usage, {
      peer: 'usage service',
      address: `127.0.0.1:${grpcPort}`,
      timeoutMs: 20_000,
      token: grpcToken,
    });
  });

  after(async () => {
    usage.close();
    await Promise.all([gateway.close(), keys.close(), pool.end()]);
    await Promise.all(replicas.map((replica) => replica.stop()));
    await nats.close();
    await postgres.close();
  });

  const holds = (incarnation: string, last: number) =>
    eventually(async () => assert.deepEqual(await storedSequences(pool, incarnation), upTo(last)));

  it('stores what gateways publish and answers what was used', async () => {
    const incarnation = randomUUID();
    const user_id = randomUUID();
    await publishAnnouncement(gateway, announcementOf(incarnation, 'opened'));
    await publishBatch(
      gateway,
      batchOf(incarnation, 1, 5, { user_id, status_code: 503, refusal: 'overloaded' }),
    );
    await publishAnnouncement(gateway, announcementOf(incarnation, 'closed', { assigned: 5, flushed: 5 }));
    await holds(incarnation, 5);
    const reader = { actingUserId: user_id, actingKeyId: KEY, isAdmin: false, requestId: 'r' };
    const { totals } = await usage.call('GetSummary', { reader, filter: {} });
    assert.equal(totals?.requests, '5');
    assert.equal(totals?.errors, '5');
    assert.deepEqual(totals?.refused, { overloaded: '5' });
    assert.ok(Math.abs((totals?.latency?.p99Ms ?? 0) / 12.5 - 1) <= 0.01);
    assert.equal(totals?.bytesOut, '6000');
    const integrity = await eventually(async () => {
      const answer = await usage.call('GetIntegrity', { reader: { ...reader, isAdmin: true } });
      assert.ok(answer.incarnations.some((one) => one.incarnation === incarnation && one.closedAt));
      return answer;
    });
    const own = integrity.incarnations.find((one) => one.incarnation === incarnation);
    assert.deepEqual(
      [own?.status, own?.assigned, own?.received, own?.stored, own?.rolledUp, own?.gateway],
      ['STATUS_BALANCED', '5', '5', '5', '0', 'gw-1'],
    );
  });

  it('refuses what a member may not see, and says so', async () => {
    const reader = { actingUserId: USER, actingKeyId: KEY, isAdmin: false, requestId: 'r' };
    const denied = (error: unknown) => error instanceof HokusaiError && error.code === 'permission_denied';
    await assert.rejects(usage.call('GetIntegrity', { reader }), denied);
    await assert.rejects(usage.call('GetSummary', { reader, filter: { userId: randomUUID() } }), denied);
    await assert.rejects(
      usage.call('GetSummary', { filter: {} }),
      (error) => error instanceof HokusaiError && error.code === 'unauthenticated',
    );
  });

  it('follows the events of keys', async () => {
    const key_id = randomUUID();
    await publishKeyEvent(keys, keyEventOf(2, { key_id }));
    await publishKeyEvent(keys, keyEventOf(1, { key_id }));
    await eventually(async () => {
      const { rows } = await pool.query('select name from keys_projection where id = $1', [key_id]);
      assert.deepEqual(rows, [{ name: 'name 2' }]);
    });
  });

  it('sets aside what it can not read, and stores what stands around it', async () => {
    const incarnation = randomUUID();
    const gap = { ...batchOf(incarnation, 1, 3), to: 7 };
    await publishBatch(gateway, batchOf(incarnation, 1, 2));
    await publishBatch(gateway, gap);
    await gateway.publish(SUBJECTS.usageRequests, Buffer.from('{"half'), randomUUID());
    await gateway.publish('hokusai.usage.v1.unheard-of', Buffer.from('{}'), randomUUID());
    await publishBatch(gateway, batchOf(incarnation, 3, 4));
    await holds(incarnation, 4);
    const letters = await eventually(async () => {
      const found = await deadLetters(nats.urls.admin);
      assert.equal(found.length, 3);
      return found;
    });
    assert.deepEqual(
      letters.map(({ consumer }) => consumer),
      Array(3).fill('usage-ingest'),
    );
    const original = Buffer.from(letters[0]?.payload_base64 ?? '', 'base64').toString();
    assert.equal(JSON.parse(original).data.to, 7);
    assert.match(letters[0]?.reason ?? '', /number the requests exactly/);
  });

  it('waits for a database that is away, and loses nothing', async () => {
    const incarnation = randomUUID();
    await postgres.stop();
    for (const n of upTo(20)) await publishBatch(gateway, batchOf(incarnation, n * 10 - 9, n * 10));
    const reader = { actingUserId: USER, isAdmin: true };
    await assert.rejects(
      usage.call('GetSummary', { reader, filter: {} }),
      (error) => error instanceof HokusaiError && error.code === 'unavailable',
    );
    await postgres.start();
    await holds(incarnation, 200);
    assert.equal((await deadLetters(nats.urls.admin)).length, 3);
  });

  it('goes on when the broker was away', async () => {
    const incarnation = randomUUID();
    await nats.kill();
    await nats.start();
    await eventually(() => publishBatch(gateway, batchOf(incarnation, 1, 10), incarnation));
    await holds(incarnation, 10);
  });

  it('stores everything once when a replica among several is killed in the middle', async () => {
    const incarnations = upTo(5).map(() => randomUUID());
    const second = await start(await freePort());
    const publishing = upTo(60).flatMap((n) =>
      incarnations.map((incarnation) => publishBatch(gateway, batchOf(incarnation, n * 10 - 9, n * 10))),
    );
    await eventually(async () => {
      const { rows } = await pool.query(
        'select count(*) as count from api_key_usage where incarnation = any($1)',
        [incarnations],
      );
      assert.ok(Number(rows[0].count) > 0);
    });
    service.signal('SIGKILL');
    await service.exited;
    await Promise.all(publishing);
    // What the killed one held is delivered again after the broker's wait for its acknowledgement.
    for (const incarnation of incarnations)
      await eventually(async () => assert.deepEqual(await storedSequences(pool, incarnation), upTo(600)), {
        timeoutMs: 45_000,
      });
    const { code } = await second.stop();
    assert.equal(code, 0);
  });

  it('names everything that is missing or wrong in its configuration, and exits with 78', async () => {
    const attempt = spawnService({
      entry: 'services/usage/src/main.ts',
      env: { USAGE_DATABASE_URL: 'mysql://x', HEALTH_PORT: '99999' },
      readyUrl: null,
    });
    const failed = await attempt;
    const { code } = await failed.exited;
    assert.equal(code, 78);
    for (const name of ['USAGE_DATABASE_URL', 'NATS_URL', 'HEALTH_PORT'])
      assert.match(failed.output(), new RegExp(name));
  });
});

interface DeadLetter {
  consumer: string;
  reason: string;
  payload_base64: string;
}

async function deadLetters(adminUrl: string): Promise<DeadLetter[]> {
  return (await streamMessages(adminUrl, 'DEADLETTER')).map(({ data }) => data as DeadLetter);
}
