/** Authentication over real gRPC and Redis, against a keys service that misbehaves on demand. */
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { createServiceClient, type HokusaiError, services } from '@hokusai/contracts';
import type { TagRing } from '@hokusai/key-format';
import { createRedis as createRedisClient, systemClock } from '@hokusai/service-kit';
import { createRedis, eventually, grpcToken, type TestRedis } from '@hokusai/testing';
import { type AuthenticationSettings, createAuthentication } from '../src/cache/index.ts';
import { type AuthenticationTestOptions, openAuthentication } from './support/authentication.ts';
import { someKey } from './support/keys.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import type { FollowerStream } from './support/keys-service/follower-stream.ts';
import { silentLogger } from './support/silent-logger.ts';

const CACHE_RING = [{ id: 'a', secret: randomBytes(32) }];

describe('Authentication', function () {
  this.timeout(120_000);
  let redis: TestRedis;
  let keys: FakeKeysService;
  const cleanups: (() => unknown)[] = [];

  before(async () => {
    redis = await createRedis();
  });

  after(() => redis?.close());

  beforeEach(async () => {
    keys = new FakeKeysService();
    await keys.start();
    cleanups.push(() => keys.stop());
  });

  afterEach(async () => {
    for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
  });

  function newGateway(
    settings: Partial<AuthenticationSettings> = {},
    more: Partial<AuthenticationTestOptions> = {},
  ) {
    const gateway = openAuthentication({ keys: keys.address, redisUrl: redis.url, settings, ...more });
    cleanups.push(() => gateway.close());
    return gateway;
  }

  async function followingGateway(settings: Partial<AuthenticationSettings> = {}) {
    const gateway = newGateway(settings);
    gateway.start();
    await eventually(() => Promise.resolve(assert.ok(gateway.following())));
    return gateway;
  }

  function onlyStream(): FollowerStream {
    const [stream] = keys.streams;
    assert.ok(stream);
    return stream;
  }

  it('asks once for a key, and answers from then on without asking', async () => {
    const gateway = await followingGateway();
    const { key, keyId } = keys.add();
    const first = await gateway.lookup.find(key, 'r');
    assert.equal(first?.state.keyId, keyId);
    for (let use = 0; use < 100; use += 1) await gateway.lookup.find(key, 'r');
    assert.deepEqual(keys.calls, { validate: 1, state: 0 });
    assert.equal(gateway.stats().lookups.l1Hits, 100);
    assert.equal(await gateway.lookup.find(someKey(), 'r'), undefined);
  });

  it('finds in Redis what another gateway asked for', async () => {
    const gateways = [await followingGateway(), await followingGateway()];
    const { key } = keys.add();
    await gateways[0]?.lookup.find(key, 'r');
    await eventually(async () => {
      // The first writes to Redis without waiting: a second gateway that comes too early has to ask.
      const late = await followingGateway();
      assert.ok(await late.lookup.find(key, 'r'));
      assert.equal(late.stats().lookups.l2Hits, 1);
    });
    assert.equal((await gateways[1]?.lookup.find(key, 'r'))?.state.name, 'training');
  });

  it('lets a flood of invented keys neither near Redis nor in the way of genuine ones', async () => {
    const ring: TagRing = [{ id: 'a', secret: createSecretKey(randomBytes(32)) }];
    const { lookup, stats } = newGateway({}, { tagRing: ring, redisTimeoutMs: 100 });
    await redis.pause();
    try {
      const invented = Array.from({ length: 50 }, () => lookup.find(someKey(), 'r'));
      const shed = Array.from(invented.slice(16), (found) =>
        assert.rejects(async () => found, { code: 'unavailable', reason: 'unknown_keys_shed' }),
      );
      await Promise.all([...shed, ...invented.slice(0, 16)]);
      assert.equal(stats().lookups.l2Failures, 0);
      const genuine = Array.from({ length: 3 }, () => lookup.find(someKey('live', ring), 'r'));
      assert.deepEqual(await Promise.all(genuine), [undefined, undefined, undefined]);
      assert.ok(stats().lookups.l2Failures > 0, 'these are looked for in Redis');
    } finally {
      await redis.resume();
    }
  });

  it('hears of a change at once, on all gateways', async () => {
    const gateways = [await followingGateway(), await followingGateway()];
    const { key, keyId } = keys.add();
    for (const { lookup } of gateways) assert.equal((await lookup.find(key, 'r'))?.state.isActive, true);
    keys.change(keyId, { isActive: false });
    await eventually(async () => {
      for (const { lookup } of gateways) assert.equal((await lookup.find(key, 'r'))?.state.isActive, false);
    });
    for (const { stats } of gateways) assert.equal(stats().lookups.refreshes, 1, 'the proof was kept');
  });

  it('tells the keys service at once what it has applied', async () => {
    await followingGateway();
    const { keyId } = keys.add();
    const delaysMs: number[] = [];
    for (let change = 0; change < 9; change += 1) {
      const before = onlyStream().applied;
      const changedMs = performance.now();
      keys.change(keyId, { name: `changed ${change}` });
      await eventually(() => Promise.resolve(assert.ok(onlyStream().applied > before)));
      delaysMs.push(performance.now() - changedMs);
    }
    // Pings are due once a second anyway. A machine that is busy now and then does not move the median.
    const [medianMs = 0] = delaysMs.toSorted((a, b) => a - b).slice(4);
    assert.ok(medianMs < 500, delaysMs.join());
  });

  it('continues after a broken stream where it was, and hears what happened meanwhile', async () => {
    const gateway = await followingGateway();
    const { key, keyId } = keys.add();
    await gateway.lookup.find(key, 'r');
    const { cut } = keys.look(0n).read;
    keys.breakStreams();
    keys.change(keyId, { isActive: false });
    await eventually(() => Promise.resolve(assert.equal(keys.opened.length, 2)));
    assert.deepEqual(
      keys.opened.map(({ lastEpoch, lastCut, trustMs }) => [lastEpoch, lastCut, trustMs]),
      [
        ['', '0', 65_000],
        ['e1', String(cut), 65_000],
      ],
    );
    assert.equal(keys.opened[0]?.incarnation, gateway.incarnation);
    await eventually(async () => {
      assert.equal((await gateway.lookup.find(key, 'r'))?.state.isActive, false);
    });
    assert.equal(gateway.stats().follow.resets, 0);
  });

  it('trusts nothing longer than the bound after the stream fell silent, and opens another', async () => {
    const gateway = await followingGateway({ followStaleMs: 600 });
    const { key, keyId } = keys.add();
    await gateway.lookup.find(key, 'r');
    keys.isEchoing = false;
    keys.change(keyId, { isActive: false });
    assert.equal((await gateway.lookup.find(key, 'r'))?.state.isActive, true, 'it can not know yet');
    await eventually(() => Promise.resolve(assert.ok(keys.opened.length >= 2)));
    await eventually(async () => {
      assert.equal((await gateway.lookup.find(key, 'r'))?.state.isActive, false);
    });
    assert.equal(gateway.following(), false);
    keys.isEchoing = true;
    await eventually(() => Promise.resolve(assert.ok(gateway.following())));
  });

  it('reads all states again after a reset, and keeps the proofs', async () => {
    const gateway = await followingGateway();
    const { key } = keys.add();
    await gateway.lookup.find(key, 'r');
    keys.epoch = 'e2';
    onlyStream().reset('the database was restored');
    await eventually(() => Promise.resolve(assert.equal(gateway.stats().follow.resets, 1)));
    await eventually(() => Promise.resolve(assert.ok(gateway.following())));
    assert.equal((await gateway.lookup.find(key, 'r'))?.state.read.epoch, 'e2');
    await gateway.lookup.find(key, 'r');
    assert.deepEqual(keys.calls, { validate: 1, state: 1 });
  });

  const breaches: [string, (stream: FollowerStream) => void][] = [
    ['a tick is missing', (stream) => stream.tick({ skip: 1 })],
    ['a tick makes no sense', (stream) => stream.sendNonsense()],
  ];
  for (const [name, breach] of breaches) {
    it(`opens another stream when ${name}`, async () => {
      // Not because it hears nothing for long.
      const gateway = await followingGateway({ followStaleMs: 120_000 });
      breach(onlyStream());
      await eventually(() => Promise.resolve(assert.equal(keys.opened.length, 2)));
      await eventually(() => Promise.resolve(assert.ok(gateway.following())));
    });
  }

  it('says goodbye, and trusts nothing afterwards', async () => {
    const gateway = await followingGateway();
    await gateway.close();
    assert.deepEqual(keys.left, [gateway.incarnation]);
    assert.equal(gateway.following(), false);
  });

  it('closes at once while there is nobody to say goodbye to', async () => {
    await keys.stop();
    const gateway = newGateway();
    gateway.start();
    await gateway.close();
    assert.equal(gateway.following(), false);
  });

  it('starts before the keys service does', async () => {
    await keys.stop();
    const gateway = newGateway();
    gateway.start();
    await assert.rejects(async () => gateway.lookup.find(someKey(), 'r'), { code: 'unavailable' });
    await keys.start();
    await eventually(() => Promise.resolve(assert.ok(gateway.following())));
  });

  it('is unavailable, never wrong, where the keys service fails or makes no sense', async () => {
    const gateway = await followingGateway();
    const { key } = keys.add();
    for (const fault of ['fails', 'makes-no-sense'] as const) {
      keys.unaryFault = fault;
      await assert.rejects(
        async () => gateway.lookup.find(key, 'r'),
        (error: HokusaiError) => {
          assert.equal(error.code, 'unavailable');
          assert.ok(!error.message.includes(key));
          return true;
        },
      );
    }
    keys.unaryFault = 'none';
    assert.ok(await gateway.lookup.find(key, 'r'));
  });

  it('serves from this process while the keys service is away, for the grace and no longer', async () => {
    const gateway = await followingGateway({ followStaleMs: 300, outageGraceMs: 3000 });
    const { key } = keys.add();
    await gateway.lookup.find(key, 'r');
    await keys.stop();
    await eventually(() => Promise.resolve(assert.equal(gateway.following(), false)));
    assert.ok(await gateway.lookup.find(key, 'r'));
    assert.ok(gateway.stats().lookups.graceServed > 0);
    await eventually(() =>
      assert.rejects(async () => gateway.lookup.find(key, 'r'), { code: 'unavailable' }),
    );
    await keys.start();
    await eventually(async () => assert.ok(await gateway.lookup.find(key, 'r')));
  });
});

describe('Authentication without Redis', function () {
  this.timeout(120_000);

  const outages: [string, (redis: TestRedis) => Promise<void>][] = [
    ['that is gone', (redis) => redis.kill()],
    ['that hangs', (redis) => redis.pause()],
  ];
  for (const [name, harm] of outages) {
    it(`asks the keys service past a Redis ${name}, and does not hang`, async () => {
      await using redis = await createRedis();
      const keys = new FakeKeysService();
      await keys.start();
      const address = keys.address;
      const keysClient = createServiceClient(services.keyValidation, {
        peer: 'keys',
        address,
        timeoutMs: 20_000,
        token: grpcToken,
      });
      const client = createRedisClient({ url: redis.url, onError: () => {} });
      try {
        await eventually(() => client.ping());
        await harm(redis);
        const settings = { incarnation: randomUUID(), gateway: 'test', stateTtlMs: 1000, negativeTtlMs: 1 };
        const { lookup, stats } = createAuthentication({
          ...{ keysClient, redis: client, tagRing: [], cacheRing: CACHE_RING },
          ...{ clock: systemClock, logger: silentLogger },
          settings: { ...settings, redisTimeoutMs: 100, followStaleMs: 5000, outageGraceMs: 0 },
        });
        const startedMs = performance.now();
        assert.ok(await lookup.find(keys.add().key, 'r'));
        assert.ok(performance.now() - startedMs < 10_000, 'time-outs of Redis, at the most');
        assert.ok(stats().lookups.l2Failures > 0);
      } finally {
        client.disconnect();
        keysClient.close();
        await keys.stop();
      }
    });
  }
});
