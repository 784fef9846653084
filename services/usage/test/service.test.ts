import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  createServiceClient,
  HokusaiError,
  type ServiceClient,
  SUBJECTS,
  services,
  toTimestamp,
} from '@hokusai/contracts';
import { eventually, freePort, grpcToken, spawnService, type TestService } from '@hokusai/testing';
import { storedSequences, upTo } from './support/usage-database.ts';
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
import { startUsageStack, type UsageStack } from './support/usage-stack.ts';

describe('usage service', function () {
  this.timeout(60_000);
  let stack: UsageStack;
  let service: TestService;
  let usage: ServiceClient<typeof services.usage>;

  before(async function () {
    this.timeout(120_000);
    stack = await startUsageStack();
    const grpcPort = await freePort();
    service = await stack.start({ grpcPort });
    usage = createServiceClient(services.usage, {
      peer: 'usage service',
      address: `127.0.0.1:${grpcPort}`,
      timeoutMs: 20_000,
      token: grpcToken,
    });
  });

  after(async () => {
    usage.close();
    await stack.close();
  });

  const holds = (incarnation: string, last: number) =>
    eventually(async () => assert.deepEqual(await storedSequences(stack.pool, incarnation), upTo(last)));

  it('stores what gateways publish and answers what was used', async () => {
    const incarnation = randomUUID();
    const user_id = randomUUID();
    await publishAnnouncement(stack.gateway, announcementOf(incarnation, 'opened'));
    await publishBatch(
      stack.gateway,
      batchOf(incarnation, 1, 5, { user_id, status_code: 503, refusal: 'overloaded' }),
    );
    await publishAnnouncement(
      stack.gateway,
      announcementOf(incarnation, 'closed', { assigned: 5, flushed: 5 }),
    );
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
    assert.equal(integrity.brokerReachable, true);
    const own = integrity.incarnations.find((one) => one.incarnation === incarnation);
    assert.deepEqual(
      [own?.status, own?.assigned, own?.received, own?.stored, own?.gateway],
      ['STATUS_BALANCED', '5', '5', '5', 'gw-1'],
    );
  });

  it('answers every kind of question', async () => {
    const incarnation = randomUUID();
    const [key_id, user_id] = [randomUUID(), randomUUID()];
    const endpoint = '/api/2.0/mlflow/experiments/get';
    await publishKeyEvent(stack.keys, keyEventOf(1, { key_id, user_id, name: 'asked about' }));
    await publishBatch(stack.gateway, batchOf(incarnation, 1, 3, { key_id, user_id, endpoint }));
    await publishBatch(
      stack.gateway,
      batchOf(incarnation, 4, 4, { key_id, user_id, client_ip: '192.0.2.77' }),
    );
    await holds(incarnation, 4);
    const reader = { actingUserId: user_id, actingKeyId: key_id, isAdmin: false, requestId: 'r' };
    const { buckets } = await usage.call('GetTimeSeries', { reader, granularity: 'GRANULARITY_HOUR' });
    assert.ok(buckets.length === 25 || buckets.length === 24);
    assert.equal(
      buckets.reduce((sum, { totals }) => sum + Number(totals?.requests), 0),
      4,
    );
    const { endpoints } = await usage.call('ListEndpoints', { reader, limit: 1 });
    assert.deepEqual(
      endpoints.map((one) => [one.method, one.endpoint, one.totals?.requests]),
      [['GET', endpoint, '3']],
    );
    const top = async (dimension: 'TOP_DIMENSION_KEY' | 'TOP_DIMENSION_CLIENT_IP') =>
      (await usage.call('ListTop', { reader, dimension })).entries.map((one) => [
        one.value,
        one.totals?.requests,
      ]);
    assert.deepEqual(await top('TOP_DIMENSION_KEY'), [[key_id, '4']]);
    assert.deepEqual(await top('TOP_DIMENSION_CLIENT_IP'), [
      ['192.0.2.1', '3'],
      ['192.0.2.77', '1'],
    ]);
    await eventually(async () => {
      const { keys: unused, nextCursor } = await usage.call('ListUnusedKeys', {
        reader,
        unusedFor: { nanos: 1_000_000 },
      });
      assert.deepEqual([unused.map(({ name }) => name), nextCursor], [['asked about'], '']);
    });
  });

  it('names what is wrong with a question', async () => {
    const reader = { actingUserId: USER, actingKeyId: KEY, isAdmin: false, requestId: 'r' };
    const at = (days: number) => toTimestamp(new Date(Date.now() + days * 86_400_000));
    const breaks = async (question: Promise<unknown>, path: string) =>
      await assert.rejects(
        question,
        (error) => error instanceof HokusaiError && error.violations.some((one) => one.path === path),
        path,
      );
    const decade = { from: at(-3653), to: at(0) };
    const minutes = 'GRANULARITY_MINUTE' as const;
    await breaks(usage.call('GetSummary', { reader, filter: { from: at(0), to: at(-1) } }), 'to');
    await breaks(usage.call('GetSummary', { reader, filter: { from: at(1), to: at(2) } }), 'from');
    await breaks(
      usage.call('GetTimeSeries', { reader, filter: decade, granularity: minutes }),
      'granularity',
    );
    await breaks(usage.call('GetTimeSeries', { reader, timeZone: 'Mars/Olympus' }), 'time_zone');
    await breaks(usage.call('ListEndpoints', { reader, limit: 101 }), 'limit');
    await breaks(
      usage.call('ListTop', { reader, dimension: 'TOP_DIMENSION_CLIENT_IP', filter: { endpoint: '/x' } }),
      'endpoint',
    );
    await breaks(usage.call('ListUnusedKeys', { reader, unusedFor: { seconds: '0' } }), 'unused_for');
    await breaks(usage.call('ListUnusedKeys', { reader, pageSize: 1000 }), 'page_size');
    const admin = { ...reader, isAdmin: true };
    await breaks(usage.call('GetIntegrity', { reader: admin, from: at(1) }), 'from');
    await breaks(usage.call('GetIntegrity', { reader: admin, pageSize: 201 }), 'page_size');
    const isNoCursor = (error: unknown) =>
      error instanceof HokusaiError && error.code === 'invalid_request' && /cursor/.test(error.message);
    await assert.rejects(usage.call('ListUnusedKeys', { reader, cursor: 'mine' }), isNoCursor);
    const far = Buffer.from(`999999999999999:${KEY}`).toString('base64url');
    for (const cursor of ['mine', far])
      await assert.rejects(usage.call('GetIntegrity', { reader: admin, cursor }), isNoCursor);
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
    await publishKeyEvent(stack.keys, keyEventOf(2, { key_id }));
    await publishKeyEvent(stack.keys, keyEventOf(1, { key_id }));
    await eventually(async () => {
      const { rows } = await stack.pool.query('select name from keys_projection where id = $1', [key_id]);
      assert.deepEqual(rows, [{ name: 'name 2' }]);
    });
  });

  it('sets aside what it can not read, and stores what stands around it', async () => {
    const incarnation = randomUUID();
    const gap = { ...batchOf(incarnation, 1, 3), to: 7 };
    await publishBatch(stack.gateway, batchOf(incarnation, 1, 2));
    await publishBatch(stack.gateway, gap);
    await stack.gateway.publish(SUBJECTS.usageRequests, Buffer.from('{"half'), randomUUID());
    await stack.gateway.publish('hokusai.usage.v1.unheard-of', Buffer.from('{}'), randomUUID());
    await publishBatch(stack.gateway, batchOf(incarnation, 3, 4));
    await holds(incarnation, 4);
    const letters = await eventually(async () => {
      const found = await stack.deadLetters();
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
    await stack.postgres.stop();
    for (const n of upTo(20)) await publishBatch(stack.gateway, batchOf(incarnation, n * 10 - 9, n * 10));
    const reader = { actingUserId: USER, isAdmin: true };
    await assert.rejects(
      usage.call('GetSummary', { reader, filter: {} }),
      (error) => error instanceof HokusaiError && error.code === 'unavailable',
    );
    await stack.postgres.start();
    await holds(incarnation, 200);
    assert.equal((await stack.deadLetters()).length, 3);
  });

  it('goes on when the broker was away, and says meanwhile that it can not tell', async () => {
    const incarnation = randomUUID();
    const reader = { actingUserId: USER, isAdmin: true };
    const from = toTimestamp(new Date());
    const told = async () => {
      const { complete, brokerReachable } = await usage.call('GetIntegrity', { reader, from });
      return { complete, brokerReachable };
    };
    const isTold = (reachable: boolean) =>
      eventually(async () =>
        assert.deepEqual(await told(), { complete: reachable, brokerReachable: reachable }),
      );
    await isTold(true);
    await stack.nats.pause();
    await isTold(false);
    await stack.nats.kill();
    await isTold(false);
    await stack.nats.start();
    await isTold(true);
    await eventually(() => publishBatch(stack.gateway, batchOf(incarnation, 1, 10), incarnation));
    await holds(incarnation, 10);
  });

  it('stores everything once when a replica among several is killed in the middle', async () => {
    const incarnations = upTo(5).map(() => randomUUID());
    const second = await stack.start();
    const publishing = upTo(60).flatMap((n) =>
      incarnations.map((incarnation) =>
        publishBatch(stack.gateway, batchOf(incarnation, n * 10 - 9, n * 10)),
      ),
    );
    await eventually(async () => {
      const { rows } = await stack.pool.query(
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
      await eventually(
        async () => assert.deepEqual(await storedSequences(stack.pool, incarnation), upTo(600)),
        {
          timeoutMs: 45_000,
        },
      );
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
