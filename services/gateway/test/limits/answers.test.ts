/** Limits as clients meet them. */
import assert from 'node:assert/strict';
import { createRedis, type TestRedis } from '@hokusai/testing';
import type { KeyState } from '../../src/domain/key-state.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type TestKey, testKey } from '../support/key.ts';
import { startLimits, type TestLimits } from '../support/limits.ts';
import { type HttpUpstream, startHttpUpstream } from '../support/upstream.ts';

const RUNS = '/mlflow/api/2.0/mlflow/runs/search';
const NAMES = [
  'ratelimit-policy',
  'ratelimit',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
];

describe('answers about limits', () => {
  let server: TestRedis;
  let limits: TestLimits;
  let upstream: HttpUpstream;
  let gateway: TestGateway;

  before(async function () {
    this.timeout(120_000);
    server = await createRedis();
    limits = await startLimits({ url: server.url, timeoutMs: 5000 });
    upstream = await startHttpUpstream((incoming, outgoing) => {
      outgoing.setHeader('X-RateLimit-Limit', 'of the upstream');
      outgoing.setHeader('RateLimit', '"other";r=1;t=1');
      if (incoming.url?.includes('/get')) outgoing.socket?.destroy();
      else outgoing.end('{}');
    });
    gateway = await startGateway({
      upstreamUrl: upstream.url,
      limiter: limits,
      excluded: ['/mlflow/get-artifact'],
    });
  });

  after(async () => {
    await gateway.close();
    await upstream.close();
    await limits.close();
    await server.close();
  });

  function keyWith(perHour: number, more: Partial<KeyState> = {}): TestKey {
    const limit = { ratePerHour: perHour, burst: 50, burstWindowSeconds: 1 };
    return gateway.add(testKey({ limits: limit, ...more }));
  }

  async function ask(key: TestKey | undefined, path: string, method = 'GET', body?: string) {
    const headers = {
      ...(key && { authorization: `Bearer ${key.key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const response = await fetch(gateway.url + path, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const left = response.headers.get('x-ratelimit-remaining');
    return { response, text, left: left === null ? null : Number(left) };
  }

  it('stand on all answers to a proved key, and on no others', async () => {
    const key = keyWith(100, { scopes: ['mlflow:read', 'mlflow:write'] });
    const answers = [
      { path: RUNS, method: 'POST', status: 200, left: 99 },
      { path: '/api/v1/auth/sign-in', method: 'POST', status: 400, left: 98 },
      { path: '/api/v1/auth/whoami', status: 200, left: 98 },
      { path: '/api/v1/auth/keys?limit=x', status: 403, left: 98 },
      { path: '/mlflow/api/2.0/mlflow/runs/delete', method: 'POST', status: 403, left: 98 },
      { path: '/mlflow/unheard-of', status: 404, left: 98 },
      // The upstream has failed, but it was asked.
      { path: '/mlflow/api/2.0/mlflow/runs/get', method: 'POST', status: 502, left: 97 },
      { path: '/mlflow/static-files/main.js', status: 200, left: 97 },
    ];
    for (const { path, method, status, left } of answers) {
      const { response, left: told } = await ask(key, path, method, method && '{}');
      assert.deepEqual([response.status, told], [status, left], path);
      for (const name of NAMES) assert.ok(response.headers.get(name), `${name} of ${path}`);
      assert.ok(!/other|upstream/.test(JSON.stringify([...response.headers])), path);
    }
    for (const path of ['/mlflow/version', '/mlflow/get-artifact', RUNS, '/livez', '/api/v1/openapi.json']) {
      const { response, left } = await ask(undefined, path);
      assert.equal(left, null, `${response.status} ${path}`);
    }
  });

  it('refuse with 429, when to come again, and a problem of its registered type', async () => {
    const key = keyWith(2);
    assert.equal((await ask(key, RUNS, 'POST', '{}')).left, 1);
    assert.equal((await ask(key, RUNS, 'POST', '{}')).left, 0);
    const forwarded = upstream.requests.length;
    const { response, text } = await ask(key, RUNS, 'POST', '{}');
    const problem = JSON.parse(text) as Record<string, string>;
    assert.equal(response.status, 429);
    assert.match(response.headers.get('retry-after') ?? '', /^3[56]\d\d$/);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.equal(problem['type'], 'https://iana.org/assignments/http-problem-types#quota-exceeded');
    assert.deepEqual(problem['violated-policies'], ['hour']);
    assert.equal(problem['error_code'], 'REQUEST_LIMIT_EXCEEDED');
    const message = problem['message'] ?? '';
    for (const part of [key.prefix, '2 requests per hour', 'administrator', problem['request_id'] ?? '-'])
      assert.ok(message.includes(part), `${part} in ${message}`);
    assert.ok(!message.includes(key.key));
    assert.equal(upstream.requests.length, forwarded);
    assert.equal(gateway.usage.at(-1)?.refusal, 'rate_limited');
    assert.equal((await ask(key, '/api/v1/auth/sign-in', 'POST')).response.status, 429);
    const { response: whoami, left } = await ask(key, '/api/v1/auth/whoami');
    assert.deepEqual([whoami.status, left], [200, 0]);
    assert.equal((await ask(key, '/mlflow/static-files/main.js')).response.status, 200);
  });

  it('come after scopes and before the upstream: what is refused for its scope is not refused for a limit', async () => {
    const key = keyWith(1, { scopes: ['mlflow:read'] });
    await ask(key, RUNS, 'POST', '{}');
    const refused = await ask(key, '/mlflow/api/2.0/mlflow/runs/create', 'POST', '{}');
    assert.equal(refused.response.status, 403);
    assert.equal(refused.left, 0);
  });

  it('leave the health endpoints alone, which need no key', async () => {
    const key = keyWith(1);
    for (let index = 0; index < 3; index += 1) assert.equal((await ask(key, '/livez')).response.status, 200);
    assert.equal((await ask(key, '/api/v1/auth/whoami')).response.status, 200);
  });
});
