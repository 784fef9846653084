/** What the management API answers to everybody: who is asking, what there is, and what went wrong. */
import assert from 'node:assert/strict';
import { HokusaiError, toStruct } from '@hokusai/contracts';
import { reasonOf, startApi, type TestApi } from '../support/api.ts';
import { testKey } from '../support/key.ts';
import { checkAnswer, operationFor, readOpenApi } from '../support/openapi.ts';
import { stored, storedUser } from '../support/stored.ts';

const KEYS = '/api/v1/auth/keys';
const WHOAMI = '/api/v1/auth/whoami';

describe('the management API: answers', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({ key: stored });
  });
  after(() => api.close());

  const failing = (error: HokusaiError) => () => {
    throw error;
  };

  it('says who is asking', async () => {
    const { status, json } = await api.ask('GET', WHOAMI);
    const { state } = api.gateway.key.authenticated;
    assert.equal(status, 200);
    assert.deepEqual(json, {
      key_id: state.keyId,
      key_prefix: api.gateway.key.prefix,
      name: state.name,
      environment: 'live',
      scopes: state.scopes,
      expires_at: null,
      secret_valid_until: null,
      rate_limit_per_hour: 20_000,
      burst_limit: 100,
      burst_window_seconds: 1,
      allowed_ips: [],
      user: { id: state.owner.userId, display_name: 'Ada', role: 'member' },
    });
  });

  it('says until when a secret works that was replaced', async () => {
    const key = testKey({ scopes: ['mlflow:read'] });
    const validUntilMs = Date.now() + 60_000;
    const acceptedSecrets = [
      { keyPrefix: 'hk_live_abcdefghijkl', validUntilMs: null },
      { keyPrefix: key.prefix, validUntilMs },
    ];
    const state = { ...key.authenticated.state, acceptedSecrets };
    api.gateway.add({ ...key, authenticated: { ...key.authenticated, state } });
    const { json } = await api.ask('GET', WHOAMI, { key });
    assert.equal(json['secret_valid_until'], new Date(validUntilMs).toISOString());
  });

  it('takes a key from headers only, and never as a password', async () => {
    const { key } = api.gateway.key;
    const basic = Buffer.from(`ada:${key}`).toString('base64');
    const withHeaders = (headers: Record<string, string>) => api.ask('GET', WHOAMI, { key: null, headers });
    assert.equal((await withHeaders({ 'x-api-key': key })).status, 200);
    const password = await withHeaders({ authorization: `Basic ${basic}`, accept: 'text/html' });
    assert.equal(password.status, 401);
    assert.match(password.headers.get('www-authenticate') ?? '', /^Bearer/);
    for (const query of [`api_key=${key}`, `a=b?&api_key=${key}`]) {
      const inQuery = await api.ask('GET', `${WHOAMI}?${query}`, { key: null });
      assert.equal(inQuery.status, 401);
      assert.equal(inQuery.headers.get('referrer-policy'), 'no-referrer');
    }
  });

  it('passes on what the keys service says against a request', async () => {
    const violations = [{ path: 'name', message: 'too long' }];
    api.answer = failing(new HokusaiError('unprocessable', 'Too long.', { violations }));
    const { status, json } = await api.ask('POST', KEYS, { body: { name: 'x' } });
    assert.equal(status, 422);
    assert.deepEqual(json['violations'], violations);
    api.answer = failing(new HokusaiError('conflict', 'It was changed meanwhile.'));
    assert.equal((await api.ask('PATCH', `${KEYS}/${stored.id}`, { body: { name: 'x' } })).status, 409);
    api.answer = failing(new HokusaiError('invalid_request', 'No such page.', { reason: 'invalid_cursor' }));
    assert.equal((await api.ask('GET', `${KEYS}?cursor=x`)).status, 400);
    const away = new HokusaiError('unavailable', 'The keys service did not answer.', {
      retryAfterSeconds: 3,
    });
    api.answer = failing(away);
    const { status: late, headers } = await api.ask('GET', KEYS);
    assert.deepEqual([late, headers.get('retry-after')], [503, '3']);
  });

  it('answers 503 and when to try again where the keys service is silent, never 504', async () => {
    for (const code of ['unavailable', 'deadline_exceeded'] as const) {
      api.answer = failing(new HokusaiError(code, 'The keys service did not answer.'));
      const { status, headers, json } = await api.ask('POST', KEYS, { body: { name: 'x' } });
      assert.equal(status, 503);
      assert.equal(headers.get('retry-after'), '5');
      assert.equal(json['type'], 'urn:hokusai:error:keys_unavailable');
    }
  });

  it('answers what is stored, whatever a request could have brought there, beside the others of its page', async () => {
    const odd = {
      ...{ keyPrefix: 'sk-legacy', name: 'two\nlines', scopes: ['unheard:of', 'mlflow:read'] },
      ...{ allowedIps: ['10.0.0.5/8'], metadata: toStruct({ text: 'x'.repeat(5000) }) },
      retiredSecrets: stored.retiredSecrets.map((secret) => ({ ...secret, keyPrefix: 'old' })),
    };
    api.answer = () => ({ keys: [stored, { ...stored, ...odd }] });
    const operation = operationFor(await readOpenApi(api.gateway.url), 'GET', KEYS);
    const response = await fetch(`${api.gateway.url}${KEYS}`, {
      headers: { authorization: `Bearer ${api.gateway.key.key}` },
    });
    const page = (await checkAnswer(operation ?? assert.fail(), response)) as { data: unknown[] };
    const { key_prefix, name, scopes, allowed_ips, metadata } = page.data[1] as Record<string, unknown>;
    assert.deepEqual(
      [page.data.length, key_prefix, name, scopes, allowed_ips, metadata],
      [2, odd.keyPrefix, odd.name, odd.scopes, odd.allowedIps, { text: 'x'.repeat(5000) }],
    );
    const { owner } = api.gateway.key.authenticated.state;
    const admin = api.gateway.add(testKey({ scopes: ['admin'], owner: { ...owner, role: 'admin' } }));
    const user = { ...storedUser, externalId: 'a\tb', email: 'nobody', displayName: ' ' };
    api.answer = () => ({ users: [user] });
    const users = await api.ask('GET', '/api/v1/users', { key: admin });
    assert.equal(users.status, 200);
    const [shown] = users.json['data'] as Record<string, unknown>[];
    assert.deepEqual(
      [shown?.['external_id'], shown?.['email'], shown?.['display_name']],
      ['a\tb', 'nobody', ' '],
    );
  });

  it('answers nothing that does not fit its schema', async () => {
    for (const change of [{ version: '' }, { createdAt: null }, { id: 'x' }]) {
      api.answer = () => ({ key: { ...stored, ...change } });
      const { status, json } = await api.ask('GET', `${KEYS}/${stored.id}`);
      assert.equal(status, 500, JSON.stringify(change));
      assert.equal(json['violations'], undefined);
    }
    api.answer = () => ({ key: null });
    assert.equal((await api.ask('GET', `${KEYS}/${stored.id}`)).status, 500);
  });

  it('says at each address what there is to do, with 405 and to OPTIONS, without a key', async () => {
    const addresses = {
      [KEYS]: 'POST, GET, HEAD, OPTIONS',
      [`${KEYS}/${stored.id}`]: 'GET, HEAD, PATCH, DELETE, OPTIONS',
      [`${KEYS}/${stored.id}/rotate`]: 'POST, OPTIONS',
      [`${KEYS}/${stored.id}/retired-secrets/x`]: 'DELETE, OPTIONS',
      [WHOAMI]: 'GET, HEAD, OPTIONS',
      '/api/v1/users': 'POST, GET, HEAD, OPTIONS',
      [`/api/v1/users/${stored.userId}`]: 'GET, HEAD, PATCH, OPTIONS',
      '/api/v1/openapi.json': 'GET, HEAD, OPTIONS',
      '/api/v1/version': 'GET, HEAD, OPTIONS',
      '/api/v1/docs': 'GET, HEAD, OPTIONS',
      '/livez': 'GET, HEAD, OPTIONS',
    };
    for (const [path, allow] of Object.entries(addresses)) {
      const refused = await api.ask('PUT', path, { key: null, body: {} });
      assert.equal(refused.status, 405, path);
      assert.equal(refused.headers.get('allow'), allow);
      assert.equal(reasonOf(refused), 'method_not_allowed');
      const options = await api.ask('OPTIONS', path, { key: null });
      assert.equal(options.status, 204);
      assert.equal(options.headers.get('allow'), allow);
      assert.ok(options.headers.get('x-request-id'));
      assert.equal(options.headers.get('access-control-allow-origin'), null);
    }
    assert.deepEqual(api.calls, []);
  });

  it('answers HEAD as GET, without a body, and asks for the same', async () => {
    const [head, get] = [await api.ask('HEAD', WHOAMI), await api.ask('GET', WHOAMI)];
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    const stranger = api.gateway.add(testKey({ scopes: ['mlflow:read'] }));
    assert.equal((await api.ask('HEAD', KEYS, { key: stranger })).status, 403);
    assert.equal(api.gateway.usage.at(-3)?.bytes_out, 0);
  });

  it('answers everything else with 404, in JSON', async () => {
    const unknown = ['/', '/api', '/api/v1', '/api/v1/auth', '/API/v1/auth/whoami', `${WHOAMI}/`];
    for (const path of [...unknown, '/favicon.ico', `${KEYS}/`, `${KEYS}/x/y`, '/api/v1/docs/index.html']) {
      const { status, json } = await api.ask('GET', path);
      assert.equal(status, 404, path);
      assert.equal(json['error_code'], 'ENDPOINT_NOT_FOUND');
    }
  });

  it('says what it is, and of which version, to everybody', async () => {
    const { status, json } = await api.ask('GET', '/api/v1/version', { key: null });
    assert.deepEqual([status, json['service']], [200, 'hokusai-gateway']);
    assert.match(String(json['version']), /^\d+\.\d+\.\d+/);
  });

  it('tells load balancers how it is, without a key and without details', async () => {
    const anonymous = (path: string) => api.ask('GET', path, { key: null });
    assert.equal((await anonymous('/livez')).status, 200);
    assert.deepEqual((await anonymous('/readyz')).json, { ready: true, checks: { keys: 'ok' } });
    api.isReady = false;
    const { status, json } = await anonymous('/readyz');
    api.isReady = true;
    assert.equal(status, 503);
    assert.deepEqual(json, { ready: false, checks: { keys: 'failing' } });
  });
});
