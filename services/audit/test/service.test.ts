import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  auditSubject,
  createServiceClient,
  HokusaiError,
  type ServiceClient,
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
import { poolOf, silent, storedIds, verdict, verify } from './support/audit-database.ts';
import { eventOf, KEY, publishEvent, USER } from './support/audit-events.ts';

describe('audit service', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let nats: TestNats;
  let keys: Bus;
  let pool: ReturnType<typeof poolOf>;
  let service: TestService;
  let audit: ServiceClient<typeof services.audit>;
  const replicas: TestService[] = [];
  const admin = { actingUserId: USER, actingKeyId: KEY, isAdmin: true, requestId: 'r', clientIp: '' };

  async function start(grpcPort: number): Promise<TestService> {
    const env = {
      AUDIT_DATABASE_URL: database.url,
      NATS_URL: nats.urls.audit,
      AUDIT_GRPC_PORT: String(grpcPort),
      AUDIT_GRPC_CALLERS: grpcCallers(services.audit),
      HEALTH_PORT: String(await freePort()),
    };
    const replica = await spawnService({ entry: 'services/audit/src/main.ts', env });
    replicas.push(replica);
    return replica;
  }

  before(async function () {
    this.timeout(120_000);
    [postgres, nats] = await Promise.all([createPostgresServer(), createNats({ ackWaitMs: 2000 })]);
    database = await postgres.createDatabase('audit');
    pool = poolOf(database.url);
    keys = openBus({ url: nats.urls.keys, name: 'test', publishTimeoutMs: 30_000, logger: silent });
    await eventually(() => keys.check());
    const grpcPort = await freePort();
    service = await start(grpcPort);
    audit = createServiceClient(services.audit, {
      peer: 'audit service',
      address: `127.0.0.1:${grpcPort}`,
      timeoutMs: 20_000,
      token: grpcToken,
    });
  });

  after(async () => {
    audit.close();
    await Promise.all([keys.close(), pool.end()]);
    await Promise.all(replicas.map((replica) => replica.stop()));
    await nats.close();
    await postgres.close();
  });

  /** All of them are stored, each once, and the chain is whole. */
  async function areStored(ids: readonly string[]): Promise<void> {
    await eventually(async () => {
      const stored = await storedIds(pool);
      assert.deepEqual(stored.filter((id) => ids.includes(id)).toSorted(), ids.toSorted());
    });
    const rows = (await storedIds(pool)).length;
    assert.equal(verdict(await verify(pool)), `intact, ${rows} rows`);
  }

  it('appends what is published, confirms it, and shows it', async () => {
    const id = randomUUID();
    await publishEvent(keys, id, eventOf({ reason: 'tried out' }));
    await areStored([id]);
    const { stored } = await audit.call('ConfirmStored', { eventIds: [id, randomUUID()] });
    assert.deepEqual(
      stored.map(({ eventId, chainSeq, hash }) => [eventId, chainSeq, hash.length]),
      [[id, '1', 32]],
    );
    const { event } = await audit.call('GetEvent', { reader: admin, eventId: id });
    assert.equal(event?.source, 'keys');
    assert.equal(event?.action, 'key.created');
    assert.equal(JSON.parse(event?.body ?? '').reason, 'tried out');
    const personal = event?.personalValues.map(({ name, value, salt }) => [name, value, salt.length]);
    assert.deepEqual(personal, [['client_ip', '192.0.2.1', 32]]);
    assert.deepEqual(event?.hash, stored[0]?.hash);
    const list = await audit.call('ListEvents', {
      reader: admin,
      filter: { keyId: KEY, action: 'key.created' },
      pageSize: 1,
    });
    assert.deepEqual([list.events.map(({ eventId }) => eventId), list.nextCursor], [[id], '']);
    const chain = await audit.call('VerifyChain', { reader: admin });
    // The event, and the two questions about it.
    assert.deepEqual([chain.intact, chain.rowsVerified, chain.firstBadChainSeq], [true, '3', '0']);
  });

  it('refuses what makes no sense, and what is not for a member', async () => {
    const failsWith = (code: string) => (error: unknown) =>
      error instanceof HokusaiError && error.code === code;
    const member = { ...admin, actingUserId: randomUUID(), isAdmin: false };
    await assert.rejects(audit.call('VerifyChain', { reader: member }), failsWith('permission_denied'));
    const [id] = await storedIds(pool);
    await assert.rejects(
      audit.call('GetEvent', { reader: member, eventId: id as string }),
      failsWith('not_found'),
    );
    await assert.rejects(audit.call('ListEvents', {}), failsWith('unauthenticated'));
    const call = { reader: admin, cursor: 'x' };
    await assert.rejects(audit.call('ListEvents', call), failsWith('invalid_request'));
    const eventIds = Array.from({ length: 1001 }, () => randomUUID());
    await assert.rejects(audit.call('ConfirmStored', { eventIds }), failsWith('unprocessable'));
    await assert.rejects(audit.call('ConfirmStored', { eventIds: ['x'] }), failsWith('unprocessable'));
  });

  it('stores an event once, however often it is published', async () => {
    const id = randomUUID();
    for (let n = 0; n < 5; n += 1) await publishEvent(keys, id, eventOf(), `${id}-${n}`);
    const last = randomUUID();
    await publishEvent(keys, last);
    await areStored([id, last]);
  });

  it('sets aside what it can not read, and stores what stands around it', async () => {
    const [before, behind] = [randomUUID(), randomUUID()];
    await publishEvent(keys, before);
    const subject = auditSubject('keys', 'key.created');
    await keys.publish(subject, Buffer.from('{}'), randomUUID());
    await publishEvent(keys, 'no-uuid');
    await publishEvent(keys, behind);
    await areStored([before, behind]);
    const letters = await eventually(async () => {
      const found = await streamMessages(nats.urls.admin, 'DEADLETTER');
      assert.equal(found.length, 2);
      return found;
    });
    assert.deepEqual(
      letters.map(({ subject }) => subject),
      Array(2).fill('hokusai.deadletter.v1.AUDIT'),
    );
  });

  it('waits for a database that is away, says so, and loses nothing', async () => {
    const ids = Array.from({ length: 50 }, () => randomUUID());
    await postgres.stop();
    for (const id of ids) await publishEvent(keys, id);
    await assert.rejects(
      audit.call('ConfirmStored', { eventIds: ids }),
      (error) => error instanceof HokusaiError && error.code === 'unavailable',
    );
    await postgres.start();
    await areStored(ids);
    assert.equal((await streamMessages(nats.urls.admin, 'DEADLETTER')).length, 2);
  });

  it('goes on when the broker was away', async () => {
    const id = randomUUID();
    await nats.kill();
    await nats.start();
    await eventually(() => publishEvent(keys, id));
    await areStored([id]);
  });

  it('stores everything once when a replica among several is killed in the middle, time and again', async () => {
    let victim = service;
    for (let round = 0; round < 3; round += 1) {
      const successor = await start(await freePort());
      const ids = Array.from({ length: 1500 }, () => randomUUID());
      const first = await storedIds(pool);
      const publishing = Promise.all(ids.map((id) => publishEvent(keys, id)));
      await eventually(async () => assert.ok((await storedIds(pool)).length > first.length));
      victim.signal('SIGKILL');
      await victim.exited;
      await publishing;
      await areStored(ids);
      victim = successor;
    }
    assert.equal((await victim.stop()).code, 0);
  });

  it('names everything that is missing or wrong in its configuration, and exits with 78', async () => {
    const entry = 'services/audit/src/main.ts';
    const failed = await spawnService({ entry, env: { AUDIT_GRPC_PORT: 'http' }, readyUrl: null });
    const { code } = await failed.exited;
    assert.equal(code, 78);
    for (const name of ['AUDIT_DATABASE_URL', 'NATS_URL', 'AUDIT_GRPC_PORT'])
      assert.match(failed.output(), new RegExp(name));
  });
});
