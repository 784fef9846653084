/** The limit of wrong keys per client, over HTTP, with real gRPC and Redis behind it. */
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { TagRing } from '@hokusai/key-format';
import { createRedis as createRedisClient } from '@hokusai/service-kit';
import { createRedis, eventually, freePort, type TestRedis } from '@hokusai/testing';
import type { Authentication } from '../src/cache/index.ts';
import { openAuthentication } from './support/authentication.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { someKey } from './support/keys.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const LIMIT = 3;
const PATH = '/mlflow/api/2.0/mlflow/runs/get?run_id=a';

describe('Failed authentications', () => {
  let redis: TestRedis;
  let keys: FakeKeysService;
  let upstream: HttpUpstream;
  const cleanups: (() => unknown)[] = [];

  before(async () => {
    redis = await createRedis();
    upstream = await startHttpUpstream((_, outgoing) => outgoing.end('served'));
  });
  after(async () => {
    await upstream?.close();
    await redis?.close();
  });
  beforeEach(async () => {
    keys = new FakeKeysService();
    await keys.start();
    cleanups.push(() => keys.stop());
  });
  afterEach(async () => {
    for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
  });

  async function newGateway({
    redisUrl = redis.url,
    tagRing = [] as TagRing,
  } = {}): Promise<TestGateway & { authentication: Authentication }> {
    const settings = { authFailuresPerMinute: LIMIT };
    const authentication = openAuthentication({ keys: keys.address, redisUrl, tagRing, settings });
    authentication.start();
    cleanups.push(() => authentication.close());
    await eventually(() => assert.ok(authentication.following()));
    const { lookup } = authentication;
    const gateway = await startGateway({ upstreamUrl: upstream.url, lookup, trustedProxies: ['loopback'] });
    cleanups.push(() => gateway.close());
    return { ...gateway, authentication };
  }

  const ask = async ({ url }: TestGateway, authorization: string | undefined, from = '192.0.2.1') => {
    const headers = { 'x-forwarded-for': from, 'x-forwarded-proto': 'https' };
    const response = await fetch(`${url}${PATH}`, {
      headers: authorization === undefined ? headers : { ...headers, authorization },
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };
  const statusOf = async (gateway: TestGateway, key: string, from?: string) =>
    (await ask(gateway, `Bearer ${key}`, from)).status;
  const useUp = async (gateway: TestGateway, from?: string) => {
    for (let count = 0; count < LIMIT; count += 1)
      assert.equal(await statusOf(gateway, someKey(), from), 401);
  };

  it('are 429 beyond the limit, with when to come back, and reach the keys service no more', async () => {
    const gateway = await newGateway();
    await useUp(gateway);
    const wrong = someKey();
    const { status, headers, body } = await ask(gateway, `Bearer ${wrong}`);
    assert.equal(status, 429);
    const retryAfter = Number(headers.get('retry-after'));
    assert.ok(retryAfter > 30 && retryAfter <= 60, String(retryAfter));
    const problem = JSON.parse(body);
    assert.equal(problem.type, 'urn:hokusai:error:auth_failures_limited');
    assert.equal(problem.error_code, 'REQUEST_LIMIT_EXCEEDED');
    assert.match(problem.message, new RegExp(`${wrong.slice(0, 20)} was not checked: 3 unknown keys`));
    assert.equal(keys.calls.validate, LIMIT);
    assert.deepEqual(gateway.refusals.at(-1)?.reason, 'auth_failures_limited');
    assert.deepEqual(gateway.anonymous.at(-1), { reason: 'auth_failures_limited', clientIp: '192.0.2.1' });
    assert.equal(gateway.authentication.stats().lookups.limited, 1);
  });

  it('stop no key that is known here, nor one that another gateway knows, nor anybody elsewhere', async () => {
    const [gateway, other] = [await newGateway(), await newGateway()];
    const entries = createRedisClient({ url: redis.url, onError: () => {} });
    cleanups.push(() => entries.disconnect());
    const entriesBefore = await eventually(() => entries.dbsize());
    const [warm, shared, cold] = [keys.add().key, keys.add().key, keys.add().key];
    assert.equal(await statusOf(gateway, warm), 200);
    assert.equal(await statusOf(other, shared), 200);
    // Written without waiting for it.
    await eventually(async () => assert.equal(await entries.dbsize(), entriesBefore + 2));
    await useUp(gateway);
    assert.deepEqual(
      await Promise.all([warm, shared, cold].map((key) => statusOf(gateway, key))),
      [200, 200, 429],
    );
    assert.equal(await statusOf(gateway, cold, '192.0.2.2'), 200);
    assert.equal(await statusOf(gateway, cold), 200, 'known here by now');
  });

  it('stop nobody whose proof is held while its state is read again', async () => {
    const gateway = await newGateway();
    const { key, keyId } = keys.add();
    assert.equal(await statusOf(gateway, key), 200);
    await useUp(gateway);
    keys.change(keyId, { name: 'renamed' });
    await eventually(async () => {
      assert.equal(await statusOf(gateway, key), 200);
      assert.equal(keys.calls.state, 1);
    });
  });

  it('are not counted without a key, with what is none, with a genuine one, or when the answer is known', async () => {
    const gateway = await newGateway();
    const wrong = someKey();
    const revoked = keys.add({ isActive: false, revokedAtMs: 1 }).key;
    for (let count = 0; count < 2 * LIMIT; count += 1) {
      assert.equal((await ask(gateway, undefined)).status, 401);
      assert.equal((await ask(gateway, 'Bearer nonsense')).status, 401);
      assert.equal(await statusOf(gateway, revoked), 403);
      assert.equal(await statusOf(gateway, keys.add().key), 200);
      assert.equal(await statusOf(gateway, wrong), 401);
    }
    assert.equal(await statusOf(gateway, someKey()), 401, 'there is room for more');
  });

  it('are not counted when the keys service can not tell', async () => {
    const gateway = await newGateway();
    keys.unaryFault = 'fails';
    for (let count = 0; count < 2 * LIMIT; count += 1)
      assert.equal(await statusOf(gateway, keys.add().key), 503);
    keys.unaryFault = 'none';
    await eventually(async () => assert.equal(await statusOf(gateway, keys.add().key), 200));
  });

  it('are counted with invented tags too, and of all whose address can not be told together', async () => {
    const tagRing: TagRing = [{ id: 'a', secret: createSecretKey(randomBytes(32)) }];
    const gateway = await newGateway({ tagRing });
    await useUp(gateway, 'garbage');
    assert.equal(await statusOf(gateway, someKey('live', tagRing), 'other garbage'), 429);
    assert.equal(await statusOf(gateway, someKey('live', tagRing), '192.0.2.1'), 401);
  });

  it('are no more than the limit, however many keys one address shows at once', async () => {
    const gateway = await newGateway();
    const letAnswer = keys.hold();
    const statuses = Promise.all(Array.from({ length: 200 }, () => statusOf(gateway, someKey())));
    await eventually(() => assert.equal(keys.calls.validate, LIMIT));
    const elsewhere = statusOf(gateway, someKey(), '192.0.2.2');
    await eventually(() => assert.equal(keys.calls.validate, LIMIT + 1));
    letAnswer();
    assert.equal(await elsewhere, 401);
    const count = (wanted: number) => statuses.then((all) => all.filter((each) => each === wanted).length);
    assert.deepEqual([await count(401), await count(429)], [LIMIT, 200 - LIMIT]);
    assert.equal(keys.calls.validate, LIMIT + 1);
  });

  it('are not expected of a fleet behind one address that starts at once: its keys are let in', async () => {
    const gateway = await newGateway();
    const fleet = Array.from({ length: 300 }, () => keys.add().key);
    const statuses = await Promise.all(fleet.map((key) => statusOf(gateway, key)));
    assert.deepEqual(new Set(statuses), new Set([200]));
    assert.equal(keys.calls.validate, 300);
  });

  it('are limited without Redis as well', async () => {
    const gateway = await newGateway({ redisUrl: `redis://127.0.0.1:${await freePort()}` });
    const { key } = keys.add();
    assert.equal(await statusOf(gateway, key), 200);
    await useUp(gateway, '2001:db8::1');
    assert.equal(await statusOf(gateway, someKey(), '2001:db8::2'), 429);
    assert.equal(await statusOf(gateway, key, '2001:db8::2'), 200);
  });

  it('of one client are no answer to another that waits for the same key', async () => {
    const gateway = await newGateway();
    const letAnswer = keys.hold();
    const wrong = Array.from({ length: LIMIT }, () => statusOf(gateway, someKey()));
    await eventually(() => assert.equal(keys.calls.validate, LIMIT));
    const { key } = keys.add();
    const { lookups } = gateway.authentication.stats();
    const waits = gateway.authentication.lookup.find(key, 'r', '192.0.2.1');
    const joins = gateway.authentication.lookup.find(key, 'r', '192.0.2.2');
    letAnswer();
    await assert.rejects(async () => waits, { reason: 'auth_failures_limited' });
    assert.ok(await joins);
    await Promise.all(wrong);
    assert.equal(gateway.authentication.stats().lookups.limited, lookups.limited + 1);
  });

  it('of one client are no answer to another that asks for the same key at the same time', async () => {
    const gateway = await newGateway();
    await useUp(gateway);
    const { key } = keys.add();
    const from = ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.3'];
    const statuses = await Promise.all(from.map((address) => statusOf(gateway, key, address)));
    assert.deepEqual([statuses[1], statuses[3]], [200, 200]);
    assert.ok([statuses[0], statuses[2]].every((status) => status === 429 || status === 200));
  });
});
