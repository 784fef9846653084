/** A Redis that stops, pauses and comes back, under each policy. */
import assert from 'node:assert/strict';
import { createRedis as createRedisClient, type RedisClient } from '@hokusai/service-kit';
import { createRedis, eventually, type TestRedis } from '@hokusai/testing';
import type { KeyState } from '../../src/domain/key-state.ts';
import { recordNames } from '../../src/limits/script.ts';
import { testKey } from '../support/key.ts';
import { restOf, startLimits, type TestLimits, type TestLimitsOptions } from '../support/limits.ts';

function stateWith(ratePerHour: number, more: Partial<KeyState> = {}): KeyState {
  return testKey({ limits: { ratePerHour, burst: 10_000, burstWindowSeconds: 1 }, ...more }).authenticated
    .state;
}

async function evalshaStats(client: RedisClient): Promise<string> {
  const stats = String(await client.call('INFO', 'commandstats'));
  return stats.split('\n').find((line) => line.startsWith('cmdstat_evalsha:')) ?? '';
}

describe('rate limits without Redis', () => {
  let server: TestRedis;
  let open: TestLimits[];

  beforeEach(async function () {
    this.timeout(120_000);
    server = await createRedis();
    open = [];
  });

  afterEach(async () => {
    await Promise.all(open.map((limits) => limits.close()));
    await server.close();
  });

  async function start(options: Partial<TestLimitsOptions> = {}): Promise<TestLimits> {
    const limits = await startLimits({ url: server.url, ...options });
    open.push(limits);
    return limits;
  }

  async function connect(): Promise<RedisClient> {
    const client = createRedisClient({ url: server.url, onError: () => {} });
    await new Promise((resolve) => {
      client.once('ready', resolve);
    });
    return client;
  }

  /** Requests that Redis has counted in the last hour, as another gateway finds it. */
  async function counted(state: KeyState, self = 'observer'): Promise<number> {
    const observer = await start({ self, timeoutMs: 5000 });
    const standing = await observer.charge(state);
    await observer.close();
    return state.limits.ratePerHour - restOf(standing) - (standing.verdict === 'admitted' ? 1 : 0);
  }

  /** Has every gateway see all the others on the list. */
  async function startAll(names: readonly string[]): Promise<TestLimits[]> {
    const gateways: TestLimits[] = [];
    for (const self of names) gateways.push(await start({ self }));
    for (const gateway of gateways)
      await eventually(() => assert.deepEqual(gateway.gateways().toSorted(), names));
    return gateways;
  }

  it('divides the limit among the gateways that were alive, to the last request', async () => {
    const gateways = await startAll(['a', 'b', 'c']);
    await server.stop();
    const state = stateWith(100);
    const admitted = await Promise.all(gateways.map((gateway) => gateway.admit(state, 60)));
    assert.deepEqual(admitted.toSorted(), [33, 33, 34]);
    const standing = (await gateways[0]?.charge(state)) as Awaited<ReturnType<TestLimits['charge']>>;
    assert.equal(standing.verdict, 'refused');
    assert.deepEqual(standing.headers().slice(-2), ['X-RateLimit-Degraded', 'local-share']);
    assert.deepEqual(standing.headers().slice(0, 2), [
      'RateLimit-Policy',
      '"hour";q=100;w=3600, "burst";q=10000;w=1',
    ]);
    assert.equal(gateways[0]?.counts().withoutRedis, 61);
  });

  it('begins with what was left where that is less than the share', async () => {
    const [a, b] = (await startAll(['a', 'b'])) as [TestLimits, TestLimits];
    const state = stateWith(100);
    assert.equal(await a.admit(state, 80), 80);
    assert.equal(await b.admit(state, 1), 1);
    await server.stop();
    assert.equal(await a.admit(state, 60), 20);
    assert.equal(await b.admit(state, 60), 19);
  });

  it('holds an owner to a share of their limit, over all keys', async () => {
    const [a] = (await startAll(['a', 'b'])) as [TestLimits, TestLimits];
    const { owner } = stateWith(1);
    const [one, other] = [0, 1].map(() => stateWith(100, { owner: { ...owner, rateLimitPerHour: 50 } })) as [
      KeyState,
      KeyState,
    ];
    await server.stop();
    assert.equal(await a.admit(one, 20), 20);
    assert.equal(await a.admit(other, 20), 5);
    const { violations } = (await a.charge(other)).refusal('hk_live_x');
    assert.deepEqual(
      violations.map(({ path }) => path),
      ['user'],
    );
  });

  it('takes a Redis that can not write for one that is away, for as long as that lasts', async () => {
    const a = await start();
    const state = stateWith(100);
    assert.equal(await a.admit(state, 10), 10);
    const client = await connect();
    await client.call('CONFIG', 'SET', 'min-replicas-to-write', '1');
    assert.equal(await a.admit(state, 200), 90);
    const failures = async () => Number(/failed_calls=(\d+)/.exec(await evalshaStats(client))?.[1] ?? 0);
    const before = await failures();
    // Asked whether it is back, several times.
    await eventually(async () => assert.ok((await failures()) >= before + 3));
    assert.equal(await a.admit(state, 200), 0);
    assert.equal(a.counts().losses, 1);
    await client.call('CONFIG', 'SET', 'min-replicas-to-write', '0');
    await client.quit();
    await eventually(async () => assert.equal(await counted(state), 100));
  });

  it('goes by a limit that changes meanwhile, without forgetting what it has admitted', async () => {
    const a = await start();
    const state = stateWith(10);
    await server.stop();
    assert.equal(await a.admit(state, 20), 10);
    const raised = { ...state, version: 2n, limits: { ...state.limits, ratePerHour: 14 } };
    assert.equal(await a.admit(raised, 20), 4);
  });

  it('charges what it has admitted when Redis is back, whether or not the key is used again', async () => {
    const a = await start();
    const [state, idle] = [stateWith(100), stateWith(50)];
    assert.equal(await a.admit(state, 10), 10);
    await server.stop();
    assert.equal(await a.admit(state, 25), 25);
    assert.equal(await a.admit(idle, 7), 7);
    await server.start();
    await eventually(() => assert.equal(a.counts().settled, 32));
    assert.equal(await counted(state), 35);
    assert.equal(await counted(idle, 'another'), 7);
    assert.deepEqual((await a.charge(state)).headers().slice(-2)[0], 'X-RateLimit-Reset', 'exact again');
    assert.equal(a.counts().losses, 1);
  });

  it('does not make requests wait for a Redis that hangs, after the first have found that it does', async () => {
    const a = await start({ timeoutMs: 1000 });
    const state = stateWith(1000);
    assert.equal(await a.admit(state, 1), 1);
    await server.pause();
    assert.equal(await a.admit(state, 5), 5);
    const calls = a.callCount();
    for (let index = 0; index < 50; index += 1)
      assert.ok(!(a.charge(state) instanceof Promise), 'decided at once');
    assert.equal(a.callCount(), calls);
    assert.equal(a.counts().losses, 1);
    await server.resume();
    // The five had been sent: Redis admits them now, so they are not owed.
    await eventually(() => assert.equal(a.counts().settled, 50));
    assert.equal(await counted(state), 56);
  });

  it('admits everything where it is told to be open, and counts it afterwards', async () => {
    const a = await start({ onRedisLoss: 'open' });
    const state = stateWith(10);
    await server.stop();
    assert.equal(await a.admit(state, 25), 25);
    const standing = await a.charge(state);
    assert.deepEqual([restOf(standing), ...standing.headers().slice(-1)], [0, 'open']);
    await server.start();
    await eventually(() => assert.equal(a.counts().settled, 26));
    assert.equal(await a.admit(state, 1), 0);
  });

  it('serves nothing where it is told to be closed, and says that this is no fault of the key', async () => {
    const a = await start({ onRedisLoss: 'closed' });
    const state = stateWith(10);
    await server.stop();
    const standing = await a.charge(state);
    const { code, reason, retryAfterSeconds } = standing.refusal('hk_live_x');
    assert.deepEqual([code, reason, retryAfterSeconds], ['unavailable', 'limits_unavailable', 5]);
    assert.deepEqual(standing.headers().slice(-1), ['closed']);
    await server.start();
    await eventually(async () => assert.equal(await a.admit(state, 1), 1));
    assert.equal(await counted(state), 1);
  });

  it('starts without Redis, with the whole limit, and finds it when it comes', async () => {
    await server.stop();
    const a = await start();
    const state = stateWith(10);
    assert.equal(await a.admit(state, 20), 10);
    await server.start();
    await eventually(() => assert.equal(a.counts().settled, 10));
    assert.equal(await a.admit(state, 1), 0);
    assert.equal(a.callCount() > 0, true);
  });

  it('forgets gateways that leave at once, and others when they have not been heard of for seconds', async () => {
    const [a, b, c] = (await startAll(['a', 'b', 'c'])) as [TestLimits, TestLimits, TestLimits];
    const client = await connect();
    await b.close();
    assert.equal(await client.zscore('hokusai:limit:{gateways}', 'b'), null);
    client.disconnect();
    c.kill();
    await eventually(() => assert.deepEqual(a.gateways(), ['a']));
    await server.stop();
    assert.equal(await a.admit(stateWith(9), 20), 9);
  });

  it('keeps nothing in Redis but records that expire', async () => {
    const a = await start();
    await a.admit(stateWith(9), 3);
    const client = await connect();
    const names = await client.keys('*');
    assert.equal(names.length, 3);
    for (const name of names) assert.ok((await client.pttl(name)) > 0, name);
    client.disconnect();
    assert.ok(recordNames('u', 'k').key.includes('{u}'));
  });
});
