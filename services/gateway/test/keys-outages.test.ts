/**
 * Revocations while something is out of order, with two gateways, two replicas of the keys service, Postgres and
 * Redis as they run: no gateway serves a revoked key for longer than its receipt says.
 */
import assert from 'node:assert/strict';
import {
  createServiceClient,
  fromDuration,
  fromTimestamp,
  type ServiceClient,
  services,
} from '@hokusai/contracts';
import type { RevocationReceipt__Output } from '@hokusai/contracts/gen/keys/v1/RevocationReceipt';
import { createRedis as createRedisClient } from '@hokusai/service-kit';
import {
  type Cluster,
  type ClusterGateway,
  type ClusterReplica,
  eventually,
  grpcCallers,
  grpcToken,
  startCluster,
} from '@hokusai/testing';
import { Poll, statusOf } from './support/poll.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

/** Staleness and grace: for so long a gateway may serve a key that it can't have heard of. */
const [STALE_SECONDS, GRACE_SECONDS] = [2, 2];
const TRUST_MS = (STALE_SECONDS + GRACE_SECONDS) * 1000;
const WAIT_MS = 30_000;

type Receipt = RevocationReceipt__Output;
interface Key {
  keyId: string;
  plaintext: string;
}

describe('revocations, while something is out of order', function () {
  this.timeout(120_000);
  let upstream: HttpUpstream;
  let cluster: Cluster;
  let gateways: [ClusterGateway, ClusterGateway];
  let replicas: [ClusterReplica, ClusterReplica];
  /** The ways of each gateway to each replica. */
  const ways: TcpProxy[][] = [];
  /** Of the second replica, which is never harmed. */
  let management: ServiceClient<typeof services.keyManagement>;
  let caller: { actingKeyId: string; actingKeyPrefix: string; requestId: string };

  before(async () => {
    upstream = await startHttpUpstream((_, outgoing) => outgoing.end('{}'));
    cluster = await startCluster({
      ...{ replicas: 2, gateways: 2, upstreamUrl: upstream.url },
      keysCallers: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
      keysSettings: { ARGON2_MEMORY_KIB: '64', ARGON2_TIME_COST: '1' },
      gatewaySettings: {
        FOLLOW_STALE_SECONDS: String(STALE_SECONDS),
        OUTAGE_GRACE_SECONDS: String(GRACE_SECONDS),
      },
      reach: async (addresses, gateway) => {
        const own = await Promise.all(addresses.map(startTcpProxy));
        ways[gateway] = own;
        return own.map(({ address }) => address);
      },
    });
    gateways = cluster.gateways as typeof gateways;
    replicas = cluster.replicas as typeof replicas;
    const { address } = replicas[1];
    const peer = { peer: 'keys', address, timeoutMs: WAIT_MS, token: grpcToken };
    management = createServiceClient(services.keyManagement, peer);
    const validation = createServiceClient(services.keyValidation, peer);
    const { proof } = await validation.call('ValidateKey', { key: cluster.adminKey });
    validation.close();
    assert.ok(proof);
    caller = { actingKeyId: proof.keyId, actingKeyPrefix: proof.keyPrefix, requestId: 'r' };
  });

  after(async () => {
    management?.close();
    await cluster?.[Symbol.asyncDispose]();
    for (const way of ways.flat()) await way.close();
    await upstream?.close();
  });

  /** A new key that both gateways have served. */
  async function warmKey(): Promise<Key> {
    const { plaintext, key } = await management.call('CreateKey', { caller, name: 'doomed' });
    assert.ok(key);
    for (const { url } of gateways)
      await eventually(async () => assert.equal(await statusOf(url, plaintext), 200));
    return { plaintext, keyId: key.id };
  }

  async function revoke({ keyId }: Key): Promise<Receipt> {
    const { receipt } = await management.call('RevokeKey', { caller, keyId, wait: true });
    assert.ok(receipt);
    return receipt;
  }

  const nameOf =
    ({ port }: ClusterGateway) =>
    (name: string) =>
      name.endsWith(`:${port}`);
  const answerOf = ({ gateways: all }: Receipt, gateway: ClusterGateway) => {
    const [answer, ...others] = all.filter((each) => nameOf(gateway)(each.gateway));
    assert.deepEqual([answer !== undefined, others], [true, []]);
    return answer as NonNullable<typeof answer>;
  };
  const ms = (at: Receipt['committedAt'] | undefined) => fromTimestamp(at)?.getTime() ?? Number.NaN;

  const isRefusedAt = (key: Key, { url }: ClusterGateway) =>
    eventually(async () => assert.equal(await statusOf(url, key.plaintext), 403));

  /** Nothing is in the way, and both gateways follow. */
  async function mend(): Promise<void> {
    for (const way of ways.flat()) way.open();
    await eventually(async () => {
      for (const { url } of gateways) assert.equal((await fetch(`${url}/readyz`)).status, 200);
    });
  }

  /** What its log said last of its stream: one that ends by itself, on a busy machine, must not count as news. */
  const isFollowing = ({ process }: ClusterGateway) =>
    process.output().lastIndexOf('following the changes of keys') >
    process.output().lastIndexOf('the follow stream ended');

  const areFollowing = (expected: boolean) =>
    eventually(() => assert.deepEqual(gateways.map(isFollowing), [expected, expected]));

  /** Has both gateways follow the first replica, with the way to the second one free. */
  async function followFirstReplica(): Promise<void> {
    for (const way of ways.flat()) way.refuse();
    await areFollowing(false);
    for (const [first] of ways) first?.open();
    await areFollowing(true);
    await mend();
  }

  it('are effective everywhere by the time their receipt is given, when all is well', async () => {
    for (let round = 0; round < 10; round += 1) {
      const key = await warmKey();
      const asked = gateways[round % 2]?.url;
      const answer = await fetch(`${asked}/api/v1/auth/keys/${key.keyId}?wait=true`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${cluster.adminKey}` },
      });
      const { receipt } = (await answer.json()) as {
        receipt: { complete: boolean; gateways: { status: string }[] };
      };
      const statuses = await Promise.all(gateways.map(({ url }) => statusOf(url, key.plaintext)));
      assert.deepEqual(statuses, [403, 403]);
      assert.deepEqual(
        [receipt.complete, receipt.gateways.map(({ status }) => status)],
        [true, ['acknowledged', 'acknowledged']],
      );
    }
  });

  it('stay in force when Redis is flushed, or put back to what it held, also for a gateway that is new', async () => {
    const key = await warmKey();
    const redis = createRedisClient({ url: cluster.redis.url, onError: () => {} });
    const names = await eventually(async () => {
      const found = await redis.keys('hokusai:key:*');
      assert.ok(found.length > 0);
      return found;
    });
    const dumps = await Promise.all(names.map((name) => redis.getBuffer(name)));
    await revoke(key);
    await redis.flushall();
    for (const gateway of gateways) assert.equal(await statusOf(gateway.url, key.plaintext), 403);
    for (const [index, name] of names.entries()) await redis.set(name, dumps[index] ?? '');
    redis.disconnect();
    for (const gateway of gateways) assert.equal(await statusOf(gateway.url, key.plaintext), 403);
    const late = await cluster.startGateway();
    assert.equal(await statusOf(late.url, key.plaintext), 403);
    await late.process.stop();
  });

  const harms: [string, () => unknown, () => unknown][] = [
    [
      'one gateway is cut off without a word, and the other one with refused connections',
      () => {
        for (const way of ways[0] ?? []) way.stall();
        for (const way of ways[1] ?? []) way.refuse();
      },
      () => {},
    ],
    [
      'the replica stands still that a gateway can reach, and the other gateway does itself',
      async () => {
        ways[0]?.[1]?.refuse();
        await replicas[0].process.pause();
        await gateways[1].process.pause();
      },
      async () => {
        await replicas[0].process.resume();
        await gateways[1].process.resume();
      },
    ],
  ];
  for (const [name, harm, repair] of harms) {
    it(`name both gateways as silent where ${name}, and neither serves the key after its fence`, async () => {
      const key = await warmKey();
      const polls = gateways.map(({ url }) => new Poll(url, key.plaintext));
      await harm();
      const receipt = await revoke(key);
      const committedMs = ms(receipt.committedAt);
      const fences = gateways.map((gateway) => {
        const { status, fencedBy } = answerOf(receipt, gateway);
        assert.equal(status, 'STATUS_SILENT');
        const fenceMs = ms(fencedBy);
        assert.ok(fenceMs >= committedMs + TRUST_MS && fenceMs < committedMs + TRUST_MS + 2000);
        return fenceMs;
      });
      assert.equal(ms(receipt.effectiveNoLaterThan), Math.max(...fences));
      // The wait is longer than the trust: from here on nobody serves it.
      await eventually(() => assert.ok(Date.now() > Math.max(...fences)));
      await repair();
      await mend();
      for (const gateway of gateways) await isRefusedAt(key, gateway);
      for (const [index, poll] of polls.entries()) {
        await poll.stop();
        const lastServedMs = poll.lastServedAtMs ?? 0;
        assert.ok(lastServedMs <= (fences[index] ?? 0), `${lastServedMs - committedMs} ms after the commit`);
      }
      assert.ok((polls[0]?.lastServedAtMs ?? 0) > committedMs, 'it could not know, and did serve it');
    });
  }

  const losses: [string, () => Promise<void>, () => Promise<void>][] = [
    [
      'was killed',
      async () => {
        replicas[0].process.signal('SIGKILL');
        await replicas[0].process.exited;
      },
      () => replicas[0].start(),
    ],
    ['stands still', () => replicas[0].process.pause(), () => replicas[0].process.resume()],
  ];
  for (const [name, harm, repair] of losses) {
    it(`are heard of from the other replica where the one that was followed ${name}, with nothing missed`, async () => {
      await followFirstReplica();
      const key = await warmKey();
      const before = gateways.map(({ process }) => process.output().length);
      const polls = gateways.map(({ url }) => new Poll(url, key.plaintext));
      await harm();
      const receipt = await revoke(key);
      for (const gateway of gateways) await isRefusedAt(key, gateway);
      for (const [index, gateway] of gateways.entries()) {
        const poll = polls[index] as Poll;
        await poll.stop();
        const answer = answerOf(receipt, gateway);
        const endMs = answer.lag
          ? ms(receipt.committedAt) + (fromDuration(answer.lag) ?? 0)
          : ms(answer.fencedBy);
        assert.ok((poll.lastServedAtMs ?? 0) <= endMs, `${answer.status}, but served later`);
        const news = gateway.process.output().slice(before[index]);
        assert.match(news, /the follow stream ended.*following the changes of keys/s);
        assert.doesNotMatch(news, /all states of keys are read again/);
      }
      await repair();
      await mend();
    });
  }
});
