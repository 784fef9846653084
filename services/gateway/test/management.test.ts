/** The management API, in front of a keys service that answers as it is told. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError, toStruct, toTimestamp } from '@hokusai/contracts';
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { type TestKey, testKey } from './support/key.ts';
import { rawConnection, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const PLAINTEXT = 'hk_live_the whole new key';
const EMPTY = { key: null, keys: [], nextCursor: '', receipt: null };

const stored = {
  id: randomUUID(),
  keyPrefix: 'hk_live_abcdefghijkl',
  userId: randomUUID(),
  name: 'training',
  environment: 'ENVIRONMENT_TEST',
  scopes: ['mlflow:read'],
  createdAt: toTimestamp(new Date('2026-01-02T03:04:05.678Z')),
  createdByKeyId: undefined,
  expiresAt: null,
  lastUsedAt: null,
  lastUsedIp: undefined,
  isActive: true,
  revokedAt: null,
  revokedReason: undefined,
  limits: { rateLimitPerHour: 20_000, burstLimit: 100, burstWindowSeconds: 1 },
  allowedIps: ['10.0.0.0/8'],
  metadata: toStruct({ team: 'a' }),
  version: '1',
  retiredSecrets: [],
} as unknown as Key__Output;

const shown = {
  id: stored.id,
  key_prefix: 'hk_live_abcdefghijkl',
  user_id: stored.userId,
  name: 'training',
  environment: 'test',
  scopes: ['mlflow:read'],
  created_at: '2026-01-02T03:04:05.678Z',
  created_by_key_id: null,
  expires_at: null,
  last_used_at: null,
  last_used_ip: null,
  is_active: true,
  revoked_at: null,
  revoked_reason: null,
  rate_limit_per_hour: 20_000,
  burst_limit: 100,
  burst_window_seconds: 1,
  allowed_ips: ['10.0.0.0/8'],
  metadata: { team: 'a' },
  retired_secrets: [],
};

/** A request whose metadata have so many levels, the object itself included. */
function nested(levels: number): string {
  return `{"name":"x","metadata":{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}}`;
}

describe('the management API', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let calls: { method: string; request: Record<string, unknown> }[];
  let answer: () => object;
  let isReady = true;

  before(async () => {
    upstream = await startHttpUpstream((_, outgoing) => outgoing.end());
    gateway = await startGateway({
      upstreamUrl: upstream.url,
      isReady: () => isReady,
      manage: (method, request) => {
        calls.push({ method, request: { ...request } });
        return { ...EMPTY, ...answer() };
      },
    });
  });
  beforeEach(() => {
    calls = [];
    answer = () => ({ key: stored });
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  interface Ask {
    key?: TestKey;
    body?: unknown;
    headers?: Record<string, string>;
  }
  async function ask(method: string, path: string, { key = gateway.key, body, headers }: Ask = {}) {
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      json: (await response.json()) as Record<string, unknown>,
    };
  }
  const reasonOf = ({ json }: { json: Record<string, unknown> }) =>
    String(json['type']).replace('urn:hokusai:error:', '');

  it('creates a key, and answers it once', async () => {
    answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const body = {
      name: 'training',
      scopes: ['mlflow:read'],
      expires_at: '2027-01-01T00:00:00+01:00',
      metadata: { a: [1] },
    };
    const { status, headers, json } = await ask('POST', '/api/v1/auth/keys', {
      body,
      headers: { 'user-agent': 'x/1' },
    });
    assert.equal(status, 201);
    assert.deepEqual(json, { ...shown, key: PLAINTEXT });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('location'), `/api/v1/auth/keys/${stored.id}`);
    const { caller, ...request } = calls[0]?.request ?? {};
    assert.deepEqual(caller, {
      actingKeyId: gateway.key.authenticated.state.keyId,
      actingKeyPrefix: gateway.key.prefix,
      requestId: headers.get('x-request-id'),
      clientIp: '127.0.0.1',
      userAgent: 'x/1',
      traceId: (caller as { traceId: string }).traceId,
    });
    assert.deepEqual(request, {
      name: 'training',
      userId: '',
      environment: 'ENVIRONMENT_UNSPECIFIED',
      scopes: { scopes: ['mlflow:read'] },
      expiresAt: toTimestamp(new Date('2026-12-31T23:00:00Z')),
      allowedIps: [],
      metadata: toStruct({ a: [1] }),
      idempotency: null,
    });
    assert.ok(!gateway.log.join('').includes(PLAINTEXT));
  });

  it('lets a repetition be recognised by its key and what it asks for', async () => {
    answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const repeat = async (name: string, headers: Record<string, string>) => {
      await ask('POST', '/api/v1/auth/keys', { body: { name }, headers });
      return calls.at(-1)?.request['idempotency'] as { key: string; fingerprint: Buffer } | null;
    };
    const first = await repeat('a', { 'idempotency-key': 'once' });
    assert.equal(first?.key, 'once');
    assert.equal(first?.fingerprint.length, 32);
    assert.deepEqual(await repeat('a', { 'Idempotency-Key': 'once' }), first);
    assert.notDeepEqual((await repeat('b', { 'idempotency-key': 'once' }))?.fingerprint, first?.fingerprint);
    assert.equal(await repeat('a', {}), null);
  });

  it('takes null for what is left out', async () => {
    answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const body = {
      name: 'x',
      scopes: null,
      expires_at: null,
      rate_limit_per_hour: null,
      allowed_ips: null,
      metadata: null,
    };
    assert.equal((await ask('POST', '/api/v1/auth/keys', { body })).status, 201);
    assert.equal(calls[0]?.request['scopes'], null);
    assert.equal('rateLimitPerHour' in (calls[0]?.request ?? {}), false);
  });

  it('names everything that is wrong with a request, and where', async () => {
    const body = { scopes: ['a', 1], rate_limit_per_hour: 1.5, expires_at: 'tomorrow', colour: 'red' };
    const refused = await ask('POST', '/api/v1/auth/keys', { body });
    assert.equal(refused.status, 422);
    const errors = refused.json['errors'] as { path: string; message: string }[];
    assert.deepEqual(errors.map(({ path }) => path).toSorted(), [
      'colour',
      'expires_at',
      'name',
      'rate_limit_per_hour',
      'scopes[1]',
    ]);
    for (const { path, message } of errors)
      assert.ok(String(refused.json['message']).includes(`${path}: ${message}`));
    assert.deepEqual(calls, []);
  });

  it('names only the first of very many things that are wrong', async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, 1]));
    const refused = await ask('POST', '/api/v1/auth/keys', { body: { name: 'x', ...body } });
    assert.equal(refused.status, 422);
    const errors = refused.json['errors'] as object[];
    assert.equal(errors.length, 33);
    assert.deepEqual(errors.at(-1), { path: '', message: 'and 19968 more' });
    assert.match(String(refused.json['message']), /f4: there is no such field; and 19995 more\. /);
  });

  it('passes on metadata of 15 levels for the keys service to judge', async () => {
    answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const body = nested(15);
    assert.equal((await ask('POST', '/api/v1/auth/keys', { body })).status, 201);
    assert.deepEqual(calls[0]?.request['metadata'], toStruct(JSON.parse(body).metadata));
  });

  const unreadable: [name: string, ask: Ask, status: number, reason: string][] = [
    ['broken JSON', { body: '{"name":' }, 400, 'malformed_body'],
    [
      'no JSON',
      { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    ['no body', {}, 422, 'invalid_values'],
    [
      'an unknown charset',
      { body: '{}', headers: { 'content-type': 'application/json; charset=x' } },
      415,
      'unsupported_media_type',
    ],
    ['a number', { body: '1' }, 400, 'malformed_body'],
    ['a list', { body: '[]' }, 422, 'invalid_values'],
    ['a body of 17 levels', { body: nested(16) }, 422, 'invalid_values'],
    ['a body of 100,000 levels', { body: nested(100_000) }, 422, 'invalid_values'],
    ['a body of 300 KiB', { body: { name: 'x'.repeat(300 * 1024) } }, 413, 'body_too_large'],
  ];
  for (const [name, sent, status, reason] of unreadable) {
    it(`answers ${name} with ${status}`, async () => {
      const refused = await ask('POST', '/api/v1/auth/keys', sent);
      assert.equal(refused.status, status, JSON.stringify(refused.json));
      assert.equal(reasonOf(refused), reason);
      assert.equal(refused.headers.get('retry-after'), null);
      assert.deepEqual(calls, []);
    });
  }

  it('passes on what the keys service says against it', async () => {
    answer = () => {
      throw new HokusaiError('unprocessable', 'The request breaks a rule: name: too long.', {
        violations: [{ path: 'name', message: 'too long' }],
      });
    };
    const { status, json } = await ask('POST', '/api/v1/auth/keys', { body: { name: 'x' } });
    assert.equal(status, 422);
    assert.deepEqual(json['errors'], [{ path: 'name', message: 'too long' }]);
    answer = () => {
      throw new HokusaiError('conflict', 'It was changed meanwhile.');
    };
    assert.equal((await ask('POST', '/api/v1/auth/keys', { body: { name: 'x' } })).status, 409);
    answer = () => {
      throw new HokusaiError('unavailable', 'The keys service did not answer.', { retryAfterSeconds: 3 });
    };
    const away = await ask('GET', '/api/v1/auth/keys');
    assert.equal(away.status, 503);
    assert.equal(away.headers.get('retry-after'), '3');
  });

  it('answers 503 and when to try again where the keys service is silent, never 504', async () => {
    for (const code of ['unavailable', 'deadline_exceeded'] as const) {
      answer = () => {
        throw new HokusaiError(code, 'The keys service did not answer.');
      };
      const { status, headers, json } = await ask('POST', '/api/v1/auth/keys', { body: { name: 'x' } });
      assert.equal(status, 503);
      assert.equal(headers.get('retry-after'), '5');
      assert.equal(json['type'], 'urn:hokusai:error:keys_unavailable');
    }
  });

  it('answers nothing that does not fit its schema', async () => {
    answer = () => ({ key: { ...stored, scopes: ['unheard-of'] } });
    const { status } = await ask('GET', `/api/v1/auth/keys/${stored.id}`);
    assert.equal(status, 500);
  });

  it('lists keys, filtered and in pages', async () => {
    answer = () => ({ keys: [stored], nextCursor: 'more' });
    const query = `limit=7&cursor=c&state=expired&environment=live&scope=mlflow:read&name=tra&user_id=${stored.userId}&unused_since=2026-01-01T00:00:00Z`;
    const { status, json } = await ask('GET', `/api/v1/auth/keys?${query}`);
    assert.equal(status, 200);
    assert.deepEqual(json, { data: [shown], next_cursor: 'more' });
    const { caller, ...request } = calls[0]?.request ?? {};
    assert.ok(caller);
    assert.deepEqual(request, {
      pageSize: 7,
      cursor: 'c',
      userId: stored.userId,
      state: 'KEY_STATE_FILTER_EXPIRED',
      environment: 'ENVIRONMENT_LIVE',
      scope: 'mlflow:read',
      nameContains: 'tra',
      unusedSince: toTimestamp(new Date('2026-01-01T00:00:00Z')),
      expiresBefore: null,
    });
    answer = () => ({ keys: [] });
    assert.deepEqual((await ask('GET', '/api/v1/auth/keys')).json, { data: [], next_cursor: null });
  });

  it('refuses filters that it does not know', async () => {
    for (const query of ['limit=0', 'limit=201', 'limit=x', 'state=on', 'colour=red', 'limit=1&limit=2'])
      assert.equal((await ask('GET', `/api/v1/auth/keys?${query}`)).status, 422, query);
  });

  it('shows one key', async () => {
    const { status, json } = await ask('GET', `/api/v1/auth/keys/${stored.id}`);
    assert.equal(status, 200);
    assert.deepEqual(json, shown);
    assert.equal(calls[0]?.request['keyId'], stored.id);
  });

  it('knows no key by another name than its id', async () => {
    for (const id of ['x', stored.keyPrefix, '..%2f..'])
      assert.ok([400, 404].includes((await ask('GET', `/api/v1/auth/keys/${id}`)).status), id);
    assert.deepEqual(calls, []);
  });

  it('revokes a key', async () => {
    answer = () => ({ key: { ...stored, isActive: false, revokedAt: stored.createdAt }, revokedCount: 2 });
    const { status, json } = await ask('DELETE', `/api/v1/auth/keys/${stored.id}?reason=left&cascade=true`);
    assert.equal(status, 200);
    assert.deepEqual(json, {
      ...shown,
      is_active: false,
      revoked_at: shown.created_at,
      revoked_count: 2,
      receipt: null,
    });
    const { reason, cascade, wait } = calls[0]?.request ?? {};
    assert.deepEqual({ reason, cascade, wait }, { reason: 'left', cascade: true, wait: false });
  });

  it('says who is asking', async () => {
    const { status, json } = await ask('GET', '/api/v1/auth/whoami');
    const { state } = gateway.key.authenticated;
    assert.equal(status, 200);
    assert.deepEqual(json, {
      key_id: state.keyId,
      key_prefix: gateway.key.prefix,
      name: state.name,
      environment: 'live',
      scopes: state.scopes,
      expires_at: null,
      rate_limit_per_hour: 20_000,
      burst_limit: 100,
      burst_window_seconds: 1,
      allowed_ips: [],
      user: { id: state.owner.userId, display_name: 'Ada', role: 'member' },
    });
  });

  it('asks for scopes first', async () => {
    const reader = gateway.add(testKey({ scopes: ['keys:read'] }));
    const stranger = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    assert.equal((await ask('GET', '/api/v1/auth/keys', { key: reader })).status, 200);
    const refused = await ask('POST', '/api/v1/auth/keys', { key: reader, body: '{' });
    assert.equal(reasonOf(refused), 'scope_missing');
    assert.equal((await ask('GET', '/api/v1/auth/keys', { key: stranger })).status, 403);
    assert.equal((await ask('GET', '/api/v1/auth/whoami', { key: stranger })).status, 200);
  });

  it('takes a key from headers only, and never as a password', async () => {
    const basic = Buffer.from(`ada:${gateway.key.key}`).toString('base64');
    const url = `${gateway.url}/api/v1/auth/whoami`;
    assert.equal((await fetch(url, { headers: { 'x-api-key': gateway.key.key } })).status, 200);
    const password = await fetch(url, { headers: { authorization: `Basic ${basic}`, accept: 'text/html' } });
    assert.equal(password.status, 401);
    assert.match(password.headers.get('www-authenticate') ?? '', /^Bearer/);
    const inQuery = await fetch(`${url}?api_key=${gateway.key.key}`);
    assert.equal(inQuery.status, 401);
    assert.equal(inQuery.headers.get('referrer-policy'), 'no-referrer');
  });

  it('is metered', async () => {
    gateway.usage.length = 0;
    await ask('GET', `/api/v1/auth/keys/${stored.id}`);
    const { upstream: door, endpoint, status_code } = gateway.usage[0] ?? {};
    assert.deepEqual(
      { door, endpoint, status_code },
      { door: 'api', endpoint: '/api/v1/auth/keys/{id}', status_code: 200 },
    );
  });

  it('answers everything else with 404, in JSON', async () => {
    for (const path of [
      '/',
      '/api',
      '/api/v1',
      '/api/v1/auth',
      '/API/v1/auth/whoami',
      '/api/v1/auth/whoami/',
      '/favicon.ico',
    ]) {
      const { status, json } = await ask('GET', path);
      assert.equal(status, 404, path);
      assert.equal(json['error_code'], 'ENDPOINT_NOT_FOUND');
    }
    assert.equal((await ask('PUT', '/api/v1/auth/keys', { body: {} })).status, 404);
  });

  it('tells load balancers how it is, without a key and without details', async () => {
    assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
    assert.deepEqual(await (await fetch(`${gateway.url}/readyz`)).json(), {
      ready: true,
      checks: { keys: 'ok' },
    });
    isReady = false;
    const response = await fetch(`${gateway.url}/readyz`);
    isReady = true;
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { ready: false, checks: { keys: 'failing' } });
  });

  it('takes a body after 100 Continue', async () => {
    answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const connection = await rawConnection(gateway.port);
    connection.send(
      `POST /api/v1/auth/keys HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nAuthorization: ${gateway.key.key}\r\nContent-Length: 12\r\n\r\n`,
    );
    await connection.until(/100 Continue\r\n\r\n/);
    connection.send('{"name":"x"}');
    assert.match(await connection.closed(), /HTTP\/1\.1 201 /);
  });

  it('survives a client that leaves within its body', async () => {
    const connection = await rawConnection(gateway.port);
    connection.send(
      `POST /api/v1/auth/keys HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: ${gateway.key.key}\r\nContent-Length: 12\r\n\r\n{"na`,
    );
    connection.socket.destroy();
    await connection.closed();
    const text = await sendRaw(gateway.port, 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.deepEqual(calls, []);
  });
});
