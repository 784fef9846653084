/** Requests that are under way when their key stops. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { HokusaiError } from '@hokusai/contracts';
import { systemClock } from '@hokusai/service-kit';
import { createRedis, eventually } from '@hokusai/testing';
import type { KeyState } from '../src/domain/key-state.ts';
import { CutOff } from '../src/http/cut-off.ts';
import { openAuthentication } from './support/authentication.ts';
import { startGateway, type TestGateway, type TestGatewayOptions, unlimited } from './support/gateway.ts';
import { type TestKey, testKey } from './support/key.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import { silentLogger } from './support/silent-logger.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get';
const WRITE = '/mlflow/api/2.0/mlflow/runs/log-batch';

describe('a request under way', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let held: ServerResponse[];
  let cutOff: CutOff | undefined;
  /** What the keys service would say. */
  let stored: Map<string, KeyState>;
  let reads: string[];
  let isAway: boolean;

  async function start(options: Partial<TestGatewayOptions> = {}, patienceMs = 60_000): Promise<void> {
    gateway = await startGateway({ upstreamUrl: upstream.url, ...options });
    cutOff = new CutOff({
      running: gateway.running,
      stateOf: (keyId) => {
        reads.push(keyId);
        const away = new HokusaiError('unavailable', 'The database is away.');
        return isAway ? Promise.reject(away) : Promise.resolve(stored.get(keyId));
      },
      patienceMs,
      clock: systemClock,
      logger: silentLogger,
    });
  }

  beforeEach(async () => {
    held = [];
    stored = new Map();
    reads = [];
    isAway = false;
    upstream = await startHttpUpstream((_, outgoing) => void held.push(outgoing));
  });
  afterEach(async () => {
    cutOff?.close();
    cutOff = undefined;
    await gateway.close();
    await upstream.close();
  });

  const add = (state: Partial<KeyState> = {}) => {
    const key = gateway.add(testKey(state));
    stored.set(idOf(key), key.authenticated.state);
    return key;
  };
  const idOf = ({ authenticated }: TestKey) => authenticated.state.keyId;
  const change = (key: TestKey, parts: Partial<KeyState>) => {
    const before = stored.get(idOf(key)) as KeyState;
    const state = { ...before, ...parts, version: before.version + 1n };
    stored.set(idOf(key), state);
    cutOff?.changed(idOf(key), state.version);
  };
  const begin = async (key: TestKey, path = READ, method = 'GET') => {
    const before = held.length;
    const sent = request({
      ...{ port: gateway.port, path, method, agent: false },
      headers: { authorization: `Bearer ${key.key}` },
    });
    sent.on('error', () => {}).end();
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    await eventually(() => assert.equal(held.length, before + 1));
    return { outgoing: held.at(-1) as ServerResponse, answered };
  };
  /** Of which the client has the beginning. */
  const beginStream = async (key: TestKey, path?: string, method?: string) => {
    const { outgoing, answered } = await begin(key, path, method);
    outgoing.write('first');
    const [response] = await answered;
    await once(response, 'data');
    return { outgoing, response: response.resume() };
  };
  const cutError = (response: IncomingMessage) => once(response, 'end').catch(({ code }) => String(code));

  const stops: [reason: string, change: (key: TestKey) => Partial<KeyState>][] = [
    ['key_revoked', () => ({ isActive: false, revokedAtMs: Date.now() })],
    ['key_expired', () => ({ isActive: false, expiresAtMs: Date.now() - 1000 })],
    ['secret_rotated', () => ({ acceptedSecrets: [{ keyPrefix: 'hk_live_another', validUntilMs: null }] })],
    ['address_not_allowed', () => ({ allowedIps: ['192.0.2.0/24'] })],
    ['scope_missing', () => ({ scopes: ['mlflow:read'] })],
    [
      'owner_disabled',
      ({ authenticated }) => ({ owner: { ...authenticated.state.owner, disabledAtMs: Date.now() } }),
    ],
  ];
  for (const [reason, parts] of stops)
    it(`is cut off for ${reason} as soon as that is heard`, async () => {
      await start();
      const key = add();
      const neighbour = await beginStream(add());
      const { outgoing, response } = await beginStream(key, WRITE, 'POST');
      change(key, parts(key));
      assert.equal(await cutError(response), 'ECONNRESET');
      await eventually(() => assert.equal(outgoing.destroyed, true));
      await eventually(() => assert.equal(gateway.usage.length, 1));
      const [usage] = gateway.usage;
      assert.deepEqual([usage?.status_code, usage?.refusal, usage?.bytes_out], [200, reason, 5]);
      neighbour.outgoing.end('last');
      await once(neighbour.response, 'end');
    });

  it('without an answer yet gets the refusal as its answer, and the upstream gets no more of it', async () => {
    await start();
    const key = add();
    const { outgoing, answered } = await begin(key);
    change(key, { isActive: false, revokedAtMs: Date.now() });
    const [response] = await answered;
    assert.equal(response.statusCode, 403);
    const { type } = JSON.parse((await response.toArray()).join(''));
    assert.equal(type, 'urn:hokusai:error:key_revoked');
    await eventually(() => assert.equal(outgoing.destroyed, true));
    await eventually(() => assert.equal(gateway.usage[0]?.refusal, 'key_revoked'));
  });

  it('makes the state be read once, however many there are of a key', async () => {
    await start();
    const key = add();
    const streams = [await beginStream(key), await beginStream(key), await beginStream(key)];
    change(key, { isActive: false, revokedAtMs: Date.now() });
    const errors = await Promise.all(streams.map(({ response }) => cutError(response)));
    assert.deepEqual(errors, ['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    assert.deepEqual(reads, [idOf(key)]);
  });

  it('goes on after a change that leaves it allowed, which is looked at once', async () => {
    await start();
    const key = add();
    const { outgoing, response } = await beginStream(key);
    change(key, { name: 'renamed', scopes: ['mlflow:read'] });
    await eventually(() => assert.equal(reads.length, 1));
    // Told again, until the cut has passed it.
    cutOff?.changed(idOf(key), 2n);
    outgoing.end('last');
    await once(response, 'end');
    assert.equal(reads.length, 1);
  });

  it('of an expiring key ends when that expires, unless it was put off', async () => {
    await start();
    const expiring = { expiresAtMs: Date.now() + 2000 };
    const [ending, lasting] = [add(expiring), add(expiring)];
    const { response } = await beginStream(ending);
    const { outgoing, response: longer } = await beginStream(lasting);
    change(lasting, { expiresAtMs: Date.now() + 60_000 });
    assert.equal(await cutError(response), 'ECONNRESET');
    await eventually(() => assert.equal(gateway.usage[0]?.refusal, 'key_expired'));
    outgoing.end('last');
    await once(longer, 'end');
  });

  it('with a replaced secret ends with the grace of that', async () => {
    await start();
    const key = add();
    const { response } = await beginStream(key);
    change(key, {
      acceptedSecrets: [
        { keyPrefix: 'hk_live_another', validUntilMs: null },
        { keyPrefix: key.prefix, validUntilMs: Date.now() + 2000 },
      ],
    });
    await eventually(() => assert.equal(reads.length, 1));
    assert.equal(gateway.usage.length, 0);
    assert.equal(await cutError(response), 'ECONNRESET');
    await eventually(() => assert.equal(gateway.usage[0]?.refusal, 'secret_rotated'));
  });

  it('is judged again when changes may have been missed', async () => {
    await start();
    const keys = Array.from({ length: 20 }, () => add());
    const streams: IncomingMessage[] = [];
    for (const key of keys) streams.push((await beginStream(key)).response);
    const revoked = keys[7] as TestKey;
    stored.set(idOf(revoked), { ...revoked.authenticated.state, isActive: false, revokedAtMs: Date.now() });
    cutOff?.anyChanged();
    assert.equal(await cutError(streams[7] as IncomingMessage), 'ECONNRESET');
    await eventually(() => assert.deepEqual(new Set(reads), new Set(keys.map(idOf))));
    await eventually(() => assert.equal(gateway.usage.length, 1));
  });

  it('goes on while its changed state can not be read', async () => {
    await start();
    const key = add();
    const { outgoing, response } = await beginStream(key);
    isAway = true;
    change(key, { name: 'renamed' });
    await eventually(() => assert.ok(reads.length >= 2));
    isAway = false;
    const failed = reads.length;
    await eventually(() => assert.ok(reads.length > failed));
    outgoing.end('last');
    await once(response, 'end');
  });

  it('does not go on for long while its changed state can not be read', async () => {
    await start({}, 100);
    const key = add();
    const { response } = await beginStream(key);
    isAway = true;
    change(key, { name: 'renamed' });
    assert.equal(await cutError(response), 'ECONNRESET');
  });

  describe('that waits for its limits', () => {
    const decided = () => Promise.withResolvers<void>();
    const waiting = async (until: Promise<void>) => {
      let asked = 0;
      await start({
        limiter: {
          ...unlimited,
          charge: async (state) => {
            asked += 1;
            await until;
            return unlimited.charge(state);
          },
        },
      });
      const key = add();
      const sent = request({
        ...{ port: gateway.port, path: READ, agent: false },
        headers: { authorization: `Bearer ${key.key}` },
      });
      sent.on('error', () => {}).end();
      const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
      await eventually(() => assert.equal(asked, 1));
      return { key, sent, answered };
    };

    it('is refused, and not sent, when its key stops meanwhile', async () => {
      const { promise, resolve } = decided();
      const { key, answered } = await waiting(promise);
      change(key, { isActive: false, revokedAtMs: Date.now() });
      await eventually(() => assert.equal(reads.length, 1));
      resolve();
      const [response] = await answered;
      assert.equal(response.resume().statusCode, 403);
      assert.equal(upstream.requests.length, 0);
    });

    it('is not sent when its client leaves meanwhile', async () => {
      const { promise, resolve } = decided();
      const { sent, answered } = await waiting(promise);
      answered.catch(() => {});
      sent.destroy();
      await eventually(() => assert.equal(gateway.usage[0]?.status_code, 499));
      resolve();
      assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
      assert.equal(upstream.requests.length, 0);
      assert.equal([...gateway.running.callerIds()].length, 0);
    });
  });

  it('is cut off by a change that the keys service tells', async () => {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await createRedis());
    const keys = stack.adopt(new FakeKeysService(), (service) => service.stop());
    await keys.start();
    const authentication = openAuthentication({ keys: keys.address, redisUrl: redis.url });
    await start({ lookup: authentication.lookup });
    const wired = new CutOff({
      running: gateway.running,
      stateOf: (keyId) => authentication.stateOf(keyId, randomUUID()),
      patienceMs: 5000,
      clock: systemClock,
      logger: silentLogger,
    });
    authentication.tellChanges(wired);
    authentication.start();
    stack.defer(() => authentication.close());
    stack.defer(() => wired.close());
    await eventually(() => assert.equal(authentication.following(), true));

    const { key, keyId } = keys.add();
    const { outgoing, response } = await beginStream({ ...gateway.key, key });
    const before = keys.calls.state;
    keys.change(keyId, { name: 'renamed' });
    await eventually(() => assert.equal(keys.calls.state, before + 1));
    outgoing.write('second');
    await once(response, 'data');
    keys.change(keyId, { isActive: false, revokedAtMs: Date.now() });
    assert.equal(await cutError(response), 'ECONNRESET');
    assert.equal(keys.calls.state, before + 2);
  });
});
