/** Observe mode: nobody is refused for who they are, and who would have been is counted. */
import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get';
const WRITE = '/mlflow/api/2.0/mlflow/runs/create';
const HOUR_MS = 3_600_000;

/** By reason, from Prometheus' text. */
function observedCounts(text: string): Map<string, number> {
  const lines = text.matchAll(/^hokusai_gateway_observed_refusals_total\{reason="(\w+)"\} (\d+)$/gm);
  return new Map([...lines].map(([, reason = '', count]) => [reason, Number(count)]));
}

describe('a gateway in observe mode', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.resume();
      outgoing.end('served');
    });
  });
  afterEach(() => gateway.close());
  after(() => upstream.close());

  async function observing(options: Partial<TestGatewayOptions> = {}): Promise<TestGateway> {
    gateway = await startGateway({ upstreamUrl: upstream.url, authMode: 'observe', ...options });
    return gateway;
  }

  const ask = async (target: string, method: string, ...lines: string[]) => {
    const head = [`${method} ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', ''];
    return parseAnswer(await sendRaw(gateway.port, head.join('\r\n')));
  };
  const bearer = (key: string) => `Authorization: Bearer ${key}`;
  const reasons = () => gateway.observed.map(({ reason }) => reason);

  it('serves who has no key, a wrong one, or several, and counts them by their client', async () => {
    const { key } = await observing();
    const agent = 'User-Agent: mlflow-python-client/3.17.0';
    const wrong = testKey();
    for (const [lines, reason] of [
      [[], 'key_missing'],
      [['Authorization: Bearer no-key-at-all'], 'key_malformed'],
      [[bearer(wrong.key)], 'unknown_key'],
      [[bearer(key.key), `X-API-Key: ${wrong.key}`], 'several_keys'],
    ] as const) {
      const answer = await ask(WRITE, 'POST', agent, ...lines);
      assert.equal(answer.body, 'served', reason);
      assert.equal(answer.headers['x-hokusai-would-refuse'], reason);
    }
    assert.deepEqual(reasons(), ['key_missing', 'key_malformed', 'unknown_key', 'several_keys']);
    assert.deepEqual(gateway.observed[2], {
      reason: 'unknown_key',
      clientIp: '127.0.0.1',
      userAgentFamily: 'mlflow-python-client',
      keyPrefix: null,
    });
    assert.deepEqual([gateway.refusals, gateway.anonymous, gateway.usage], [[], [], []]);
  });

  it('serves, meters and strips keys that would be refused, and tells so', async () => {
    await observing();
    const expired = gateway.add(testKey({ expiresAtMs: Date.now() - HOUR_MS }));
    const reader = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    const elsewhere = gateway.add(testKey({ allowedIps: ['192.0.2.0/24'] }));
    for (const [{ key, authenticated }, reason, isItself] of [
      [expired, 'key_expired', false],
      [reader, 'scope_missing', true],
      [elsewhere, 'address_not_allowed', false],
    ] as const) {
      const answer = await ask(WRITE, 'POST', bearer(key));
      assert.deepEqual([answer.body, answer.headers['x-hokusai-would-refuse']], ['served', reason]);
      const { headers } = upstream.requests.at(-1) ?? {};
      assert.deepEqual(
        [headers?.authorization, headers?.['x-hokusai-key-id']],
        [undefined, isItself ? authenticated.state.keyId : undefined],
      );
    }
    assert.deepEqual(
      gateway.usage.map(({ key_id, refusal }) => [key_id, refusal]),
      [expired, reader, elsewhere].map(({ authenticated }) => [authenticated.state.keyId, null]),
    );
    assert.deepEqual(
      gateway.observed.map(({ keyPrefix }) => keyPrefix),
      [expired, reader, elsewhere].map(({ prefix }) => prefix),
    );
    assert.ok(gateway.accessLog.every((line) => JSON.parse(line).would_refuse !== undefined));
  });

  it('serves a plain path that the table does not know, and counts it as that, whoever asks', async () => {
    const { key } = await observing();
    for (const lines of [[], [bearer(key.key)], [bearer(testKey().key)]]) {
      const answer = await ask('/mlflow/unheard-of/x', 'GET', ...lines);
      assert.deepEqual([answer.body, answer.headers['x-hokusai-would-refuse']], ['served', 'unknown_route']);
      const { url, headers } = upstream.requests.at(-1) ?? {};
      assert.deepEqual(
        [url, headers?.authorization, headers?.['x-hokusai-key-id']],
        ['/unheard-of/x', undefined, undefined],
      );
    }
    assert.deepEqual(reasons(), ['unknown_route', 'unknown_route', 'unknown_route']);
    await eventually(async () =>
      assert.equal(observedCounts(await gateway.metrics.text()).get('unknown_route'), 3),
    );
    assert.ok(gateway.accessLog.every((line) => JSON.parse(line).would_refuse === 'unknown_route'));
  });

  it('passes on nothing unknown that could be read in two ways, is switched off, or comes from another site', async () => {
    await observing();
    const before = upstream.requests.length;
    for (const [target, status, method, ...lines] of [
      ['/mlflow/unheard%20of', 404, 'GET'],
      ['/mlflow/unheard;of', 404, 'GET'],
      ['/mlflow/unheard@of', 404, 'GET'],
      ['/mlflow/unheard/../of', 400, 'GET'],
      ['/mlflow/unheard%2fof', 400, 'GET'],
      ['/mlflow/unheard%2e%2e', 404, 'GET'],
      ['/mlflow/API/3.0/mlflow/Assistant/config', 404, 'GET'],
      ['/mlflow/api/3.0/mlflow/assistant/config', 403, 'GET'],
      ['/mlflow/unheard-of', 405, 'PROPFIND'],
      ['/mlflowx/unheard-of', 404, 'GET'],
      ['/mlflow/unheard-of', 403, 'POST', 'Origin: https://evil.example', 'Sec-Fetch-Site: cross-site'],
    ] as [string, number, string, ...string[]][])
      assert.equal((await ask(target, method, ...lines)).status, status, `${method} ${target}`);
    assert.equal(upstream.requests.length, before);
  });

  it('takes no note of who would be let in', async () => {
    const { key } = await observing();
    const answer = await ask(WRITE, 'POST', bearer(key.key));
    assert.deepEqual(
      [answer.body, answer.headers['x-hokusai-would-refuse'] !== undefined, gateway.observed],
      ['served', false, []],
    );
    assert.equal(JSON.parse(gateway.accessLog[0] ?? '').would_refuse, undefined);
  });

  it('runs limits in shadow, for those alone who would have been let in', async () => {
    const charged: string[] = [];
    await observing({
      limiter: {
        charge: (state) => {
          charged.push(state.keyId);
          return {
            verdict: 'refused',
            exhausted: [],
            refusal: () => new HokusaiError('rate_limited', 'x', { reason: 'rate_limited' }),
            headers: () => [],
          } as never;
        },
        known: () => ({ headers: () => [] }) as never,
      },
    });
    const reader = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    for (const key of [gateway.key.key, reader.key])
      assert.equal((await ask(WRITE, 'POST', bearer(key))).body, 'served');
    assert.deepEqual(reasons(), ['rate_limited', 'scope_missing']);
    assert.deepEqual(charged, [gateway.key.authenticated.state.keyId]);
  });

  it('serves also while nobody can be asked about keys', async () => {
    const away = new HokusaiError('unavailable', 'x', { reason: 'keys_unavailable' });
    await observing({ lookup: { find: () => Promise.reject(away) } });
    assert.equal((await ask(READ, 'GET', bearer(testKey().key))).body, 'served');
    assert.deepEqual(reasons(), ['keys_unavailable']);
  });

  it('keeps what is no matter of keys: pages of other sites, requests that can be read in two ways', async () => {
    await observing();
    const before = upstream.requests.length;
    const forged = await ask(WRITE, 'POST', 'Origin: https://evil.example', 'Sec-Fetch-Site: cross-site');
    assert.deepEqual([forged.status, forged.body.includes('foreign_origin')], [403, true]);
    const reader = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    const withKey = await ask(WRITE, 'POST', bearer(reader.key), 'Origin: https://evil.example');
    assert.equal(withKey.status, 403);
    assert.equal((await ask('/mlflow/api/2.0/%2e%2e/x', 'GET')).status, 400);
    assert.equal((await ask(`/mlflow/${testKey().key}`, 'GET')).status, 400);
    assert.equal(upstream.requests.length, before);
    assert.deepEqual(
      gateway.refusals.map(({ reason, keyPrefix, keyId }) => [reason, keyPrefix, keyId]),
      [
        ['foreign_origin', null, null],
        ['foreign_origin', reader.prefix, reader.authenticated.state.keyId],
      ],
    );
  });

  it('tells the audit log of a page of another site that has a key of its own', async () => {
    const { key } = await observing();
    const answer = await ask(WRITE, 'POST', bearer(key.key), 'Origin: https://evil.example');
    assert.equal(answer.status, 403);
    assert.deepEqual(
      gateway.refusals.map(({ reason, keyPrefix }) => [reason, keyPrefix]),
      [['foreign_origin', key.prefix]],
    );
  });

  it('counts by reason what would be refused, and nothing else', async () => {
    const { key } = await observing();
    for (const line of [bearer(testKey().key), bearer(testKey().key), 'X-Nothing: 1', bearer(key.key)])
      await ask(WRITE, 'POST', line);
    await ask(WRITE, 'POST', 'Origin: https://evil.example');
    const counted = await eventually(async () => {
      const counts = observedCounts(await gateway.metrics.text());
      // A request is counted once its answer is out.
      assert.equal(counts.get('key_missing'), 2);
      return counts;
    });
    const some = [...counted].filter(([, count]) => count > 0);
    assert.deepEqual(
      new Map(some),
      new Map([
        ['unknown_key', 2],
        ['key_missing', 2],
      ]),
    );
    assert.equal(counted.get('key_expired'), 0);
  });

  it('asks for keys at the management API all the same', async () => {
    await observing();
    assert.equal((await ask('/api/v1/auth/whoami', 'GET')).status, 401);
    assert.deepEqual(gateway.observed, []);
    assert.deepEqual(
      gateway.refusals.map(({ reason }) => reason),
      ['key_missing'],
    );
  });
});
