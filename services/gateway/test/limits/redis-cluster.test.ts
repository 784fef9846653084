/** Limits on a Redis Cluster of three masters. */
import assert from 'node:assert/strict';
import { createRedis as createRedisClient, redisNodeOf } from '@hokusai/service-kit';
import { createRedisCluster, eventually, type TestRedisCluster } from '@hokusai/testing';
import type { KeyState } from '../../src/domain/key-state.ts';
import { recordNames } from '../../src/limits/script.ts';
import { testKey } from '../support/key.ts';
import { startLimits, type TestLimits } from '../support/limits.ts';

function stateOf(more: Partial<KeyState> = {}): KeyState {
  return testKey({ limits: { ratePerHour: 30, burst: 1000, burstWindowSeconds: 1 }, ...more }).authenticated
    .state;
}

describe('rate limits on a Redis Cluster', () => {
  let cluster: TestRedisCluster;
  let gateways: TestLimits[];

  before(async function () {
    this.timeout(120_000);
    cluster = await createRedisCluster();
    gateways = [];
    for (const self of ['a', 'b', 'c', 'd', 'e'])
      gateways.push(await startLimits({ url: cluster.url, self, timeoutMs: 5000 }));
  });

  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await cluster.close();
  });

  /** Addresses of the nodes, in the order of `cluster.nodes`. */
  const addresses = () => cluster.nodes.map(({ url }) => new URL(url).host);

  /** A state of a key that is kept on each of the nodes. */
  async function statesByNode(): Promise<KeyState[]> {
    const client = createRedisClient({ url: cluster.url, onError: () => {} });
    await new Promise((resolve) => {
      client.once('ready', resolve);
    });
    const found = new Map<string, KeyState>();
    while (found.size < 3) {
      const state = stateOf();
      found.set(redisNodeOf(client, recordNames(state.owner.userId, state.keyId).key), state);
    }
    client.disconnect();
    return addresses().map((address) => found.get(address) as KeyState);
  }

  it('is exact over five gateways, on every node, for keys and their owners', async () => {
    const { owner } = stateOf();
    const ofOwner = { owner: { ...owner, rateLimitPerHour: 45 } };
    const keys = [...(await statesByNode()), stateOf(ofOwner), stateOf(ofOwner)];
    const admitted = await Promise.all(
      keys.map(async (key) => {
        const counts = await Promise.all(gateways.map((gateway) => gateway.admit(key, 12)));
        return counts.reduce((sum, count) => sum + count, 0);
      }),
    );
    assert.deepEqual(admitted.slice(0, 3), [30, 30, 30]);
    assert.equal((admitted[3] as number) + (admitted[4] as number), 45);
  });

  it('goes on with the other nodes when one is lost, and charges what it owes when that is back', async () => {
    const [gateway] = gateways as [TestLimits];
    const [first, second, third] = (await statesByNode()) as [KeyState, KeyState, KeyState];
    for (const state of [first, second, third]) assert.equal(await gateway.admit(state, 2), 2);
    await cluster.nodes[1]?.server.stop();
    const before = gateway.counts().withoutRedis;
    assert.equal(await gateway.admit(second, 3), 3);
    const degraded = gateway.counts().withoutRedis - before;
    assert.equal(degraded, 3);
    for (const state of [first, third]) assert.equal(await gateway.admit(state, 3), 3);
    assert.equal(gateway.counts().withoutRedis - before, degraded, 'those of the other nodes are exact');
    await cluster.nodes[1]?.server.start();
    await eventually(() => assert.equal(gateway.counts().settled, 3));
    assert.equal(await gateway.admit(second, 40), 25);
  });
});
