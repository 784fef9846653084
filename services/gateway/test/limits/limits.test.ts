/** Decisions of gateways that share a Redis. */
import assert from 'node:assert/strict';
import { createRedis as createRedisClient } from '@hokusai/service-kit';
import { createRedis, eventually, type TestRedis } from '@hokusai/testing';
import type { KeyState } from '../../src/domain/key-state.ts';
import { testKey } from '../support/key.ts';
import { restOf, startLimits, type TestLimits, type TestLimitsOptions } from '../support/limits.ts';
import { ManualClock } from '../support/manual-clock.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

function stateWith(ratePerHour: number, more: Partial<KeyState> = {}): KeyState {
  const limits = { ratePerHour, burst: 1000, burstWindowSeconds: 1 };
  return testKey({ limits, ...more }).authenticated.state;
}

describe('rate limits on one Redis', () => {
  let server: TestRedis;
  let open: TestLimits[] = [];

  before(async function () {
    this.timeout(120_000);
    server = await createRedis();
  });

  afterEach(async () => {
    await Promise.all(open.map((limits) => limits.close()));
    open = [];
  });

  after(() => server.close());

  async function start(options: Partial<TestLimitsOptions> = {}): Promise<TestLimits> {
    const limits = await startLimits({ url: server.url, timeoutMs: 5000, ...options });
    open.push(limits);
    return limits;
  }

  it('decides what comes in one turn of the event loop in one call: the first are admitted', async () => {
    const limits = await start();
    const state = stateWith(5);
    const standings = await Promise.all(Array.from({ length: 8 }, () => limits.charge(state)));
    const verdicts = standings.map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, [...Array(5).fill('admitted'), ...Array(3).fill('refused')]);
    assert.deepEqual(
      standings.map((standing) => restOf(standing)),
      [4, 3, 2, 1, 0, 0, 0, 0],
    );
    assert.equal(limits.callCount(), 1);
  });

  it('charges a refused request nothing, whichever limit refuses it', async () => {
    const limits = await start();
    const state = stateWith(100, { limits: { ratePerHour: 100, burst: 3, burstWindowSeconds: 600 } });
    assert.equal(await limits.admit(state, 50), 3);
    assert.equal(restOf(limits.known(state)), 97);
  });

  it('answers from memory after a refusal, until there is more to use and not longer', async () => {
    const clock = new ManualClock();
    let nowMs = START_MS + 30_000;
    const limits = await start({ clock, redisNowMs: () => nowMs });
    const pass = (ms: number) => {
      nowMs += ms;
      clock.advance(ms);
    };
    const state = stateWith(2);
    assert.equal(await limits.admit(state, 3), 2);
    for (const ms of [0, 1000, 59 * MINUTE_MS, 29_000 - 1]) {
      pass(ms);
      assert.equal(await limits.admit(state, 1), 0);
    }
    assert.deepEqual([limits.callCount(), limits.counts().fromMemory], [1, 4]);
    pass(MINUTE_MS);
    pass(1);
    assert.equal(nowMs, START_MS + 61 * MINUTE_MS);
    assert.equal(await limits.admit(state, 1), 1);
    assert.equal(limits.callCount(), 2);
  });

  it('forgets a refusal when the key is changed, and not when its state is merely read again', async () => {
    const limits = await start();
    const state = stateWith(2);
    assert.equal(await limits.admit(state, 3), 2);
    assert.equal(await limits.admit({ ...state }, 1), 0);
    assert.equal(limits.callCount(), 1);
    const raised = { ...state, version: state.version + 1n, limits: { ...state.limits, ratePerHour: 4 } };
    assert.equal(await limits.admit(raised, 3), 2);
    // A request that found the former state goes by the newer one too.
    assert.equal(await limits.admit(state, 1), 0);
    assert.equal(limits.callCount(), 2);
  });

  it('does not take a suspended machine for time that stood still', async () => {
    const clock = new ManualClock();
    let nowMs = START_MS;
    const limits = await start({ clock, redisNowMs: () => nowMs });
    const state = stateWith(1);
    assert.equal(await limits.admit(state, 2), 1);
    clock.suspend(62 * MINUTE_MS);
    nowMs += 62 * MINUTE_MS;
    assert.equal(await limits.admit(state, 1), 1);
  });

  it('holds the keys of one owner to the limit of the owner, of all environments together', async () => {
    const limits = await start();
    const { owner } = stateWith(1);
    const limited = { ...owner, rateLimitPerHour: 10 };
    const keys = [
      stateWith(8, { owner: limited }),
      stateWith(8, { owner: limited, environment: 'test' }),
      stateWith(8, { owner: limited }),
    ];
    const admitted: number[] = [];
    for (const key of keys) admitted.push(await limits.admit(key, 9));
    assert.deepEqual(admitted, [8, 2, 0]);
    const [, , last] = keys as [KeyState, KeyState, KeyState];
    const standing = await limits.charge(last);
    assert.equal(standing.refusal('hk_live_x').violations[0]?.path, 'user');
    assert.deepEqual([restOf(standing, 'hour'), restOf(standing, 'user')], [8, 0]);
  });

  it('is exact over five gateways, each with many requests of many keys at once', async () => {
    const gateways = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((self) => start({ self })));
    const { owner } = stateWith(1);
    const ofOwner = { owner: { ...owner, rateLimitPerHour: 150 } };
    const keys = [stateWith(37), stateWith(100), stateWith(100, ofOwner), stateWith(100, ofOwner)];
    const admitted = keys.map(() => 0);
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(
        gateways.flatMap((gateway) =>
          keys.map(async (key, index) => {
            const count = await gateway.admit(key, 11);
            admitted[index] = (admitted[index] as number) + count;
          }),
        ),
      );
    }
    const [small, full, ...owned] = admitted as [number, number, number, number];
    assert.deepEqual([small, full, owned[0] + owned[1]], [37, 100, 150]);
  });

  it('tells of a limit that comes near once, whichever gateway it is', async () => {
    const gateways = await Promise.all([start({ self: 'a' }), start({ self: 'b' })]);
    const state = stateWith(20);
    for (let index = 0; index < 20; index += 1) await gateways[index % 2]?.admit(state, 1);
    const near = gateways.flatMap((gateway) => gateway.near);
    assert.deepEqual(near, [{ keyId: state.keyId, quota: { policy: 'hour', limit: 20, used: 16 } }]);
  });

  it('shows what it knows of a key without a charge, and takes an unheard-of one for unused', async () => {
    const limits = await start();
    const state = stateWith(5);
    assert.equal(restOf(limits.known(state)), 5);
    await limits.admit(state, 2);
    assert.deepEqual([restOf(limits.known(state)), restOf(limits.known(state))], [3, 3]);
    assert.equal(limits.callCount(), 1);
  });

  it('notices a flush and counts it once; at most one limit more is admitted', async () => {
    const limits = await start();
    const keys = [stateWith(3), stateWith(3), stateWith(3)];
    for (const key of keys) assert.equal(await limits.admit(key, 4), 3);
    const used = stateWith(3);
    assert.equal(await limits.admit(used, 1), 1);
    const client = createRedisClient({ url: server.url, onError: () => {} });
    await new Promise((resolve) => {
      client.once('ready', resolve);
    });
    await client.flushall();
    // One finds it by a record that is gone. Then what was refused is asked for again, for it may be allowed.
    assert.equal(await limits.admit(used, 4), 3);
    for (const key of keys) assert.equal(await limits.admit(key, 4), 3);
    for (const key of keys) assert.equal(await limits.admit(key, 4), 0);
    assert.equal(limits.counts().flushes, 1);
    // The other finds it by the list of gateways, and takes it for no other flush.
    await eventually(async () => assert.ok(await client.exists('hokusai:limit:{gateways}:epoch')));
    await limits.admit(stateWith(1), 1);
    client.disconnect();
    assert.equal(limits.counts().flushes, 1);
  });
});
