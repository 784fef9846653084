/** The management API against its own description, with a real keys service behind it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually } from '@hokusai/testing';
import { EVENT_ID } from '../support/audit-service/samples.ts';
import { checkAnswer, type JsonSchema, type OpenApi, operationFor, readOpenApi } from '../support/openapi.ts';
import { type RealApi, startRealApi } from '../support/real-api.ts';

type Json = Record<string, unknown>;

const KEYS = '/api/v1/auth/keys';
const USERS = '/api/v1/users';
const USAGE = '/api/v1/usage';
const AUDIT = '/api/v1/audit';

interface SchemaParts {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
}

/** What a reader would like to know and is not told. */
function missing(schema: JsonSchema, path: string): string[] {
  const isComposed =
    JSON.stringify(schema).includes('$ref') || 'properties' in schema || schema['type'] === 'array';
  const wanted = isComposed ? ['description'] : ['description', 'examples'];
  return wanted.filter((name) => !(name in schema)).map((name) => `${path}: ${name}`);
}

const OPEN_TO_ALL = ['/api/v1/openapi.json', '/api/v1/version'];

describe('the OpenAPI document', function () {
  this.timeout(60_000);
  let api: RealApi;
  let document: OpenApi;
  /** By operation: which statuses were answered. */
  const exercised = new Map<string, Set<number>>();

  before(async () => {
    api = await startRealApi();
    document = await readOpenApi(api.url);
  });
  after(() => api?.close());

  interface Sent {
    key?: string | null;
    body?: unknown;
    headers?: Record<string, string>;
  }

  /** Asks, and checks that the answer, and what was accepted, is as the document says. */
  async function ask(method: string, path: string, expected: number, sent: Sent = {}): Promise<Json> {
    const { key = api.adminKey, body, headers } = sent;
    const response = await fetch(api.url + path, {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const operation = operationFor(document, method, new URL(response.url).pathname);
    assert.ok(operation, `${method} ${path} is not in the document`);
    const json = (await checkAnswer(operation, response)) as Json;
    assert.equal(response.status, expected, JSON.stringify(json));
    const statuses = exercised.get(operation.id) ?? new Set();
    exercised.set(operation.id, statuses.add(response.status));
    if (response.ok && operation.body) assert.equal(operation.bodyProblem(body ?? {}), '');
    return json;
  }

  it('is right about keys, from their creation to their revocation', async () => {
    const whole = {
      ...{ name: ' 北斎の鍵 ', environment: 'live', scopes: ['mlflow:read', 'keys:read', 'keys:write'] },
      ...{ expires_at: '2100-01-01T00:00:00+01:00', rate_limit_per_hour: 7, burst_limit: 3 },
      ...{ burst_window_seconds: 2, allowed_ips: ['127.0.0.0/8', '::1'], metadata: { team: ['a', 1, null] } },
    };
    const key = await ask('POST', KEYS, 201, { body: whole });
    assert.equal(key['name'], '北斎の鍵');
    const id = String(key['id']);
    const plaintext = String(key['key']);
    const signedIn = await ask('POST', '/api/v1/auth/sign-in', 200, { key: plaintext });
    assert.equal(signedIn['key_id'], id);
    assert.deepEqual(await ask('GET', '/api/v1/auth/whoami', 200, { key: plaintext }), signedIn);
    await ask('GET', `${KEYS}/${id}`, 200);
    const changed = await ask('PATCH', `${KEYS}/${id}`, 200, {
      body: { name: 'other', expires_at: null, metadata: null, if_version: key['version'] },
    });
    assert.deepEqual([changed['name'], changed['expires_at'], changed['metadata']], ['other', null, {}]);
    await ask('PATCH', `${KEYS}/${id}`, 409, { body: { name: 'again', if_version: key['version'] } });
    const rotated = await ask('POST', `${KEYS}/${id}/rotate`, 200, { body: { grace_period_seconds: 60 } });
    assert.equal((rotated['retired_secrets'] as Json[])[0]?.['key_prefix'], key['key_prefix']);
    // The gateway hears of a change soon after it was made.
    await eventually(async () => {
      const old = await ask('GET', '/api/v1/auth/whoami', 200, { key: plaintext });
      assert.ok(old['secret_valid_until']);
    });
    await ask('DELETE', `${KEYS}/${id}/retired-secrets/${key['key_prefix']}`, 200);
    await ask('DELETE', `${KEYS}/${id}/retired-secrets/hk_live_000000000000`, 404);
    const revoked = await ask('DELETE', `${KEYS}/${id}?reason=gone&cascade=true`, 200);
    assert.deepEqual([revoked['state'], revoked['revoked_count']], ['revoked', 1]);
    await ask('POST', `${KEYS}/${id}/rotate`, 422);
    await ask('PATCH', `${KEYS}/${id}`, 422, { body: { name: 'x' } });
  });

  it('is right about lists, filters and pages', async () => {
    for (let number = 0; number < 3; number += 1)
      await ask('POST', KEYS, 201, { body: { name: `list ${number}` } });
    const names: unknown[] = [];
    let cursor = '';
    do {
      const page = await ask('GET', `${KEYS}?limit=1&name=LIST&state=active${cursor}`, 200);
      names.push(...(page['data'] as Json[]).map(({ name }) => name));
      cursor = page['next_cursor'] === null ? '' : `&cursor=${page['next_cursor']}`;
    } while (cursor !== '');
    assert.deepEqual(names, ['list 2', 'list 1', 'list 0']);
    const query = `environment=live&scope=admin&unused_since=2100-01-01T00:00:00Z&user_id=${randomUUID()}`;
    assert.deepEqual((await ask('GET', `${KEYS}?${query}`, 200))['data'], []);
    assert.deepEqual((await ask('GET', `${KEYS}?expires_before=2000-01-01T00:00:00Z`, 200))['data'], []);
    await ask('GET', `${KEYS}?cursor=bm90IG91cnM`, 400);
  });

  it('is right about users', async () => {
    const body = { external_id: 'ada@idp', email: 'Ada@example.org', display_name: 'Ada', role: 'member' };
    const user = await ask('POST', USERS, 201, { body });
    const path = `${USERS}/${user['id']}`;
    await ask('POST', USERS, 409, { body: { display_name: 'Other', external_id: 'ada@idp' } });
    await ask('GET', path, 200);
    const query = 'external_id=ada%40idp&email=ada@EXAMPLE.org&role=member&state=active&limit=5';
    assert.deepEqual((await ask('GET', `${USERS}?${query}`, 200))['data'], [user]);
    const { key } = await ask('POST', KEYS, 201, { body: { name: "Ada's", user_id: user['id'] } });
    await ask('GET', USERS, 403, { key: String(key) });
    const change = { disabled: true, email: null, rate_limit_per_hour: 5, display_name: 'Countess' };
    const disabled = await ask('PATCH', path, 200, { body: change });
    assert.ok(disabled['disabled_at']);
    await eventually(() => ask('GET', '/api/v1/auth/whoami', 403, { key: String(key) }));
    await ask('PATCH', path, 422, { body: { role: 'owner', colour: 'red' } });
    await ask('GET', `${USERS}/${randomUUID()}`, 404);
  });

  it('is right about usage', async () => {
    const filter = `key_id=${randomUUID()}&user_id=${randomUUID()}&endpoint=/api/v1/auth/keys`;
    const period = 'from=2026-01-01T00:00:00%2B01:00&to=2026-01-02T00:00:00Z';
    assert.equal((await ask('GET', `${USAGE}/summary?${filter}&${period}`, 200))['requests'], 1520);
    await ask(
      'GET',
      `${USAGE}/timeseries?${filter}&${period}&granularity=minute&time_zone=Asia/Kolkata`,
      200,
    );
    await ask('GET', `${USAGE}/endpoints?${filter}&order=slowest&limit=5&format=json`, 200);
    await ask('GET', `${USAGE}/top?${filter}&by=client_ip`, 200);
    await ask('GET', `${USAGE}/unused?days=30&limit=5&cursor=c`, 200);
    await ask('GET', `${USAGE}/unused?format=csv`, 200);
    await ask('GET', `${USAGE}/observed?${period}&limit=5&format=json`, 200);
    assert.equal((await ask('GET', `${USAGE}/integrity?${period}`, 200))['complete'], false);
    await ask('GET', `${USAGE}/summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, 422);
  });

  it('is right about the audit log', async () => {
    const filter = `user_id=${randomUUID()}&key_id=${randomUUID()}&target_id=x&action=key.created`;
    const more =
      'outcome=refused&client_ip=%3A%3A1&request_id=r&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
    const page = await ask(
      'GET',
      `${AUDIT}/events?${filter}&${more}&limit=5&cursor=c&oldest_first=true`,
      200,
    );
    assert.equal((page['data'] as Json[]).length, 2);
    await ask('GET', `${AUDIT}/events/${EVENT_ID}`, 200);
    await ask('GET', `${AUDIT}/export?${filter}&${more}&from_chain_seq=1&to_chain_seq=9`, 200);
    await ask('GET', `${AUDIT}/checkpoints?limit=5&cursor=c`, 200);
    await ask('GET', `${AUDIT}/witnesses?limit=5&cursor=3`, 200);
    await ask('POST', `${AUDIT}/verify`, 200, { body: { from_chain_seq: 1, to_chain_seq: 9 } });
    await ask('GET', `${AUDIT}/events?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, 422);
  });

  it('is right about itself, with and without a key', async () => {
    await ask('GET', '/api/v1/openapi.json', 200, { key: null });
    await ask('GET', '/api/v1/openapi.json', 200);
    await ask('GET', '/api/v1/openapi.json?pretty=1', 422);
    await ask('GET', '/api/v1/version', 200, { key: null });
    await ask('GET', '/api/v1/version?full=1', 422);
  });

  it('is right about repetitions', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await ask('POST', KEYS, 201, { body: { name: 'once' }, headers });
    assert.deepEqual(await ask('POST', KEYS, 201, { body: { name: 'once' }, headers }), first);
    await ask('POST', KEYS, 422, { body: { name: 'twice' }, headers });
    const rotate = `${KEYS}/${first['id']}/rotate`;
    const again = { headers: { 'idempotency-key': randomUUID() } };
    assert.equal(
      (await ask('POST', rotate, 200, again))['key'],
      (await ask('POST', rotate, 200, again))['key'],
    );
    await ask('POST', rotate, 400, { headers: { 'idempotency-key': 'a b' } });
  });

  it('is right about what every operation refuses', async () => {
    for (const { method, path, parameters, body } of document.operations) {
      const filled = path.replace('{id}', randomUUID()).replace('{prefix}', 'hk_live_000000000000');
      if (OPEN_TO_ALL.includes(path)) continue;
      const sent = body ? { body: {} } : {};
      await ask(method, filled, 401, { key: null });
      await ask(method, filled, 401, { key: 'hk_live_nonsense' });
      await ask(method, `${filled}?nonsense=1`, 422, sent);
      if (body) {
        await ask(method, filled, 400, { body: '{' });
        await ask(method, filled, 413, { body: { x: 'x'.repeat(300_000) } });
        await ask(method, filled, 415, { body: 'a=b', headers: { 'content-type': 'text/plain' } });
        await ask(method, filled, 422, { body: { nonsense: 1 } });
      }
      const isThere = parameters.some((parameter) => parameter.in === 'path');
      if (isThere && method !== 'PATCH') await ask(method, filled, 404, sent);
    }
  });

  it('has no operation that was not exercised', () => {
    const [served, refused] = [(status: number) => status < 300, (status: number) => status >= 400];
    for (const { id } of document.operations) {
      const statuses = [...(exercised.get(id) ?? [])];
      assert.ok(statuses.some(served), `${id} was never served`);
      assert.ok(statuses.some(refused), `${id} was never refused`);
    }
  });

  it('describes every parameter and field, with an example', () => {
    const undescribed: string[] = [];
    const look = (schema: JsonSchema, path: string): void => {
      const { properties = {}, items, anyOf = [] } = schema as JsonSchema & SchemaParts;
      for (const [name, property] of Object.entries(properties)) {
        undescribed.push(...missing({ ...document.resolve(property), ...property }, `${path}.${name}`));
        look(property, `${path}.${name}`);
      }
      for (const part of items ? [items, ...anyOf] : anyOf) look(part, path);
    };
    for (const [name, schema] of Object.entries(document.schemas)) look(schema, name);
    for (const { id, parameters } of document.operations)
      for (const { name, schema } of parameters) undescribed.push(...missing(schema, `${id} ${name}`));
    assert.deepEqual(undescribed, []);
  });
});
