/** Keys through the management API: what the keys service is asked, and what is made of its answer. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { toDuration, toStruct, toTimestamp } from '@hokusai/contracts';
import { reasonOf, startApi, type TestApi } from '../support/api.ts';
import { testKey } from '../support/key.ts';
import { PLAINTEXT, shown, stored } from '../support/stored.ts';

const KEYS = '/api/v1/auth/keys';
const KEY = `${KEYS}/${stored.id}`;

describe('the management API: keys', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({ key: stored });
  });
  after(() => api.close());

  /** What the keys service was asked last, without the caller. */
  function asked(): Record<string, unknown> {
    const { caller, ...request } = api.calls.at(-1)?.request ?? {};
    assert.ok(caller);
    return request;
  }

  it('creates a key, and answers it once', async () => {
    api.answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const body = {
      name: 'training',
      scopes: ['mlflow:read'],
      expires_at: '2027-01-01T00:00:00+01:00',
      metadata: { a: [1] },
    };
    const { status, headers, json } = await api.ask('POST', KEYS, { body, headers: { 'user-agent': 'x/1' } });
    assert.equal(status, 201);
    assert.deepEqual(json, { ...shown, key: PLAINTEXT });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('location'), KEY);
    const caller = api.calls[0]?.request['caller'] as { traceId: string };
    assert.deepEqual(caller, {
      actingKeyId: api.gateway.key.authenticated.state.keyId,
      actingKeyPrefix: api.gateway.key.prefix,
      requestId: headers.get('x-request-id'),
      clientIp: '127.0.0.1',
      userAgent: 'x/1',
      traceId: caller.traceId,
    });
    assert.deepEqual(asked(), {
      name: 'training',
      userId: '',
      environment: 'ENVIRONMENT_UNSPECIFIED',
      scopes: { scopes: ['mlflow:read'] },
      expiresAt: toTimestamp(new Date('2026-12-31T23:00:00Z')),
      allowedIps: [],
      metadata: toStruct({ a: [1] }),
      idempotency: null,
    });
    assert.ok(!api.gateway.log.join('').includes(PLAINTEXT));
  });

  it('takes null for what is left out', async () => {
    api.answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const body = {
      ...{ name: 'x', user_id: null, environment: null, scopes: null, expires_at: null },
      ...{ rate_limit_per_hour: null, burst_limit: null, burst_window_seconds: null },
      ...{ allowed_ips: null, metadata: null },
    };
    assert.equal((await api.ask('POST', KEYS, { body })).status, 201);
    assert.equal(asked()['scopes'], null);
    assert.equal('rateLimitPerHour' in asked(), false);
  });

  it('lists keys, filtered and in pages', async () => {
    api.answer = () => ({ keys: [stored], nextCursor: 'more' });
    const query = `limit=7&cursor=c&state=expired&environment=live&scope=mlflow:read&name=tra+in&user_id=${stored.userId}&unused_since=2026-01-01T00:00:00Z&expires_before=2027-01-01T00%3A00%3A00%2B01%3A00`;
    const { status, json } = await api.ask('GET', `${KEYS}?${query}`);
    assert.equal(status, 200);
    assert.deepEqual(json, { data: [shown], next_cursor: 'more' });
    assert.deepEqual(asked(), {
      pageSize: 7,
      cursor: 'c',
      userId: stored.userId,
      state: 'KEY_STATE_FILTER_EXPIRED',
      environment: 'ENVIRONMENT_LIVE',
      scope: 'mlflow:read',
      nameContains: 'tra in',
      unusedSince: toTimestamp(new Date('2026-01-01T00:00:00Z')),
      expiresBefore: toTimestamp(new Date('2026-12-31T23:00:00Z')),
    });
    api.answer = () => ({ keys: [] });
    assert.deepEqual((await api.ask('GET', KEYS)).json, { data: [], next_cursor: null });
  });

  it('shows one key', async () => {
    const { status, json } = await api.ask('GET', KEY);
    assert.equal(status, 200);
    assert.deepEqual(json, shown);
    assert.deepEqual(asked(), { keyId: stored.id });
  });

  it("says how a key stands, by the database's clock", async () => {
    const { nowMs } = api.gateway.key.authenticated;
    const expiring = (ms: number) => ({ ...stored, expiresAt: toTimestamp(new Date(nowMs + ms)) });
    const cases = [
      [expiring(1), 'active'],
      [expiring(0), 'expired'],
      [{ ...stored, isActive: false }, 'expired'],
      [{ ...expiring(0), isActive: false, revokedAt: stored.createdAt }, 'revoked'],
    ] as const;
    for (const [key, state] of cases) {
      api.answer = () => ({ key });
      assert.equal((await api.ask('GET', KEY)).json['state'], state);
    }
  });

  it('changes what a request names, and nothing else', async () => {
    const body = { name: 'other', expires_at: null, rate_limit_per_hour: 5, burst_limit: null };
    const { status, json } = await api.ask('PATCH', KEY, { body: { ...body, if_version: '17' } });
    assert.equal(status, 200);
    assert.deepEqual(json, shown);
    assert.deepEqual(asked(), {
      keyId: stored.id,
      updateMask: { paths: ['name', 'rate_limit_per_hour', 'burst_limit', 'expires_at'] },
      name: 'other',
      scopes: [],
      rateLimitPerHour: 5,
      allowedIps: [],
      expiresAt: null,
      metadata: toStruct({}),
      ifVersion: '17',
    });
    await api.ask('PATCH', KEY, { body: { scopes: ['admin'], metadata: { a: 1 }, allowed_ips: ['::1'] } });
    const { scopes, metadata, allowedIps, ifVersion } = asked();
    assert.deepEqual(
      { scopes, metadata, allowedIps, ifVersion },
      { scopes: ['admin'], metadata: toStruct({ a: 1 }), allowedIps: ['::1'], ifVersion: '0' },
    );
  });

  it('refuses a change of nothing, and of what a key can not be without', async () => {
    for (const body of [{}, { if_version: '1' }, { name: null }, { scopes: null }, { scopes: [] }]) {
      const refused = await api.ask('PATCH', KEY, { body });
      assert.equal(refused.status, 422, JSON.stringify(body));
    }
    assert.deepEqual(api.calls, []);
  });

  it('rotates a key, with or without a body', async () => {
    api.answer = () => ({ key: stored, plaintext: PLAINTEXT });
    const { status, json } = await api.ask('POST', `${KEY}/rotate`);
    assert.equal(status, 200);
    assert.deepEqual(json, { ...shown, key: PLAINTEXT });
    assert.deepEqual(asked(), { keyId: stored.id, gracePeriod: null, idempotency: null });
    for (const seconds of [0, 90, 2_592_000]) {
      await api.ask('POST', `${KEY}/rotate`, { body: { grace_period_seconds: seconds } });
      assert.deepEqual(asked()['gracePeriod'], toDuration(seconds * 1000));
    }
    await api.ask('POST', `${KEY}/rotate`, { body: { grace_period_seconds: null } });
    assert.equal(asked()['gracePeriod'], null);
    for (const seconds of [-1, 0.5, 2_592_001, '1'])
      assert.equal(
        (await api.ask('POST', `${KEY}/rotate`, { body: { grace_period_seconds: seconds } })).status,
        422,
      );
  });

  it('ends the grace of a secret', async () => {
    const { status, json } = await api.ask('DELETE', `${KEY}/retired-secrets/hk_live_lkjihgfedcba`);
    assert.equal(status, 200);
    assert.deepEqual(json, shown);
    assert.deepEqual(asked(), { keyId: stored.id, keyPrefix: 'hk_live_lkjihgfedcba' });
  });

  it('revokes a key', async () => {
    api.answer = () => ({
      key: { ...stored, isActive: false, revokedAt: stored.createdAt, revokedReason: 'left' },
      revokedCount: 2,
    });
    const { status, json } = await api.ask('DELETE', `${KEY}?reason=left&cascade=true`);
    assert.equal(status, 200);
    assert.deepEqual(json, {
      ...shown,
      state: 'revoked',
      is_active: false,
      revoked_at: shown.created_at,
      revoked_reason: 'left',
      revoked_count: 2,
      receipt: null,
    });
    assert.deepEqual(asked(), { keyId: stored.id, reason: 'left', cascade: true, wait: false });
  });

  it('shows which gateways know of a revocation', async () => {
    const { createdAt } = stored;
    const [acknowledged, silent] = [
      { incarnation: 'i', gateway: 'g', status: 'STATUS_ACKNOWLEDGED', lag: toDuration(12), fencedBy: null },
      { incarnation: 'j', gateway: 'h', status: 'STATUS_SILENT', lag: null, fencedBy: createdAt },
    ];
    const receipt = { committedAt: createdAt, effectiveNoLaterThan: createdAt, complete: true };
    api.answer = () => ({
      key: stored,
      revokedCount: 1,
      receipt: { ...receipt, gateways: [acknowledged, silent] },
    });
    const at = shown.created_at;
    assert.deepEqual((await api.ask('DELETE', `${KEY}?wait=true`)).json['receipt'], {
      ...{ committed_at: at, effective_no_later_than: at, complete: true },
      gateways: [
        { incarnation: 'i', gateway: 'g', status: 'acknowledged', lag_ms: 12, fenced_by: null },
        { incarnation: 'j', gateway: 'h', status: 'silent', lag_ms: null, fenced_by: at },
      ],
    });
  });

  it('knows no key by another name than its id', async () => {
    for (const id of ['x', stored.keyPrefix, '..%2f..', '%20'])
      assert.ok([400, 404].includes((await api.ask('GET', `${KEYS}/${id}`)).status), id);
    const refused = await api.ask('DELETE', `${KEY}/retired-secrets/${'x'.repeat(33)}`);
    assert.equal(refused.status, 404);
    assert.equal(reasonOf(refused), 'secret_not_found');
    assert.deepEqual(api.calls, []);
  });

  it('asks for scopes first', async () => {
    const reader = api.gateway.add(testKey({ scopes: ['keys:read'] }));
    const stranger = api.gateway.add(testKey({ scopes: ['mlflow:read'] }));
    assert.equal((await api.ask('GET', KEY, { key: reader })).status, 200);
    const refused = await api.ask('POST', KEYS, { key: reader, body: '{' });
    assert.equal(reasonOf(refused), 'scope_missing');
    for (const [method, path] of [
      ['PATCH', KEY],
      ['DELETE', KEY],
      ['POST', `${KEY}/rotate`],
      ['DELETE', `${KEY}/retired-secrets/hk_live_lkjihgfedcba`],
    ] as const)
      assert.equal((await api.ask(method, path, { key: reader })).status, 403, path);
    assert.equal((await api.ask('GET', KEYS, { key: stranger })).status, 403);
  });

  it('is metered by route, not by key', async () => {
    api.gateway.usage.length = 0;
    await api.ask('GET', `${KEYS}/${randomUUID()}`);
    const { upstream: door, endpoint, status_code } = api.gateway.usage[0] ?? {};
    assert.deepEqual(
      { door, endpoint, status_code },
      { door: 'api', endpoint: '/api/v1/auth/keys/{id}', status_code: 200 },
    );
  });
});
