/** Answers as the gateway gives them. */
export const KEY_ID = '0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11';
export const USER_ID = '0192a0c4-1111-4a4e-9a53-1c9b3f6f2d11';
const PREFIX = 'hk_live_4fJq0ZtY8wLs';
export const OLD_PREFIX = 'hk_live_OLDq0ZtY8wLs';
/** Of a key's form, and no key. */
export const PLAINTEXT = PREFIX + 'a'.repeat(38);
export const CALLER_KEY = `hk_live_CALLER000000${'b'.repeat(38)}`;

export function keyJson(more: object = {}) {
  return {
    id: KEY_ID,
    key_prefix: PREFIX,
    user_id: USER_ID,
    user_display_name: 'Ada',
    name: 'ci',
    environment: 'live',
    scopes: ['mlflow:read', 'mlflow:write'],
    state: 'active',
    created_at: '2026-11-01T10:00:00.000Z',
    created_by_key_id: null,
    expires_at: null,
    rotated_at: null,
    last_used_at: null,
    last_used_ip: null,
    is_active: true,
    revoked_at: null,
    revoked_reason: null,
    rate_limit_per_hour: 20000,
    burst_limit: 100,
    burst_window_seconds: 1,
    allowed_ips: [],
    metadata: {},
    retired_secrets: [],
    version: '1764000000000001',
    ...more,
  };
}

export function newKeyJson(more: object = {}) {
  return keyJson({ key: PLAINTEXT, ...more });
}

export function revokedKeyJson(more: object = {}) {
  return keyJson({ state: 'revoked', is_active: false, revoked_count: 1, receipt: null, ...more });
}

export function retiredSecret(more: object = {}) {
  return {
    key_prefix: OLD_PREFIX,
    retired_at: '2026-11-10T10:00:00.000Z',
    valid_until: '2099-11-11T10:00:00.000Z',
    last_used_at: '2026-11-10T12:30:15.000Z',
    last_used_ip: '192.0.2.7',
    ...more,
  };
}

export function userJson(more: object = {}) {
  return {
    id: USER_ID,
    external_id: null,
    email: 'ada@example.org',
    display_name: 'Ada',
    role: 'member',
    rate_limit_per_hour: null,
    created_at: '2026-11-01T10:00:00.000Z',
    disabled_at: null,
    ...more,
  };
}

export function whoamiJson(more: object = {}) {
  return {
    key_id: KEY_ID,
    key_prefix: CALLER_KEY.slice(0, 20),
    name: 'admin',
    environment: 'live',
    scopes: ['admin'],
    expires_at: null,
    secret_valid_until: null,
    rate_limit_per_hour: 20000,
    burst_limit: 100,
    burst_window_seconds: 1,
    allowed_ips: [],
    user: { id: USER_ID, display_name: 'Ada', role: 'admin' },
    ...more,
  };
}

export function totalsJson(more: object = {}) {
  return {
    requests: 1520,
    errors: 3,
    statuses: { '1xx': 0, '2xx': 1480, '3xx': 0, '4xx': 37, '5xx': 3 },
    refused: { rate_limited: 4, scope_missing: 1 },
    latency_ms: { p50: 8.123, p90: 21.4, p99: 1234 },
    bytes_in: 48_211,
    bytes_out: 1_204_331,
    ...more,
  };
}

export const PERIOD = { from: '2026-11-21T12:00:00.000Z', to: '2026-11-22T12:00:00.000Z' };

export function summaryJson(more: object = {}) {
  return { ...PERIOD, ...totalsJson(), ...more };
}

export function seriesJson(more: object = {}) {
  const data = Array.from({ length: 24 }, (_, hour) => ({
    start: new Date(Date.parse(PERIOD.from) + hour * 3_600_000).toISOString(),
    ...totalsJson({ requests: hour === 12 ? 900 : hour }),
  }));
  return { ...PERIOD, granularity: 'hour', time_zone: 'UTC', data, ...more };
}

export function rankingJson(data: unknown[] = [{ value: KEY_ID, label: `${PREFIX} ci`, ...totalsJson() }]) {
  return { ...PERIOD, data, next_cursor: null };
}

export function unusedKeyJson(more: object = {}) {
  return {
    ...{ key_id: KEY_ID, key_prefix: PREFIX, name: 'ci', user_id: USER_ID },
    last_used_at: '2026-01-02T03:04:05.678Z',
    ...more,
  };
}

export function integrityJson(more: object = {}) {
  const account = {
    ...{ incarnation: KEY_ID, gateway: 'host:8080', status: 'gap' },
    ...{ assigned: 2000, received: 1995, stored: 1995, rolled_up: 1995, last_known_assigned: 2000 },
    clock_corrected: 7,
    gaps: [
      { from: 3, to: 6 },
      { from: 9, to: 9 },
    ],
    opened_at: '2026-11-22T10:00:00.000Z',
    last_heard_at: '2026-11-22T11:00:00.000Z',
    gaps_left_out: 0,
    closed_at: null,
  };
  const statuses = { open: 0, balanced: 0, gap: 1, unclean_end: 0 };
  return {
    ...PERIOD,
    ...{ complete: false, broker_reachable: true, statuses },
    ...{ incarnations: [account], next_cursor: null as string | null },
    ...more,
  };
}

export function auditEventJson(more: object = {}) {
  return {
    id: KEY_ID,
    chain_seq: 17,
    hash: '11'.repeat(32),
    previous_hash: '10'.repeat(32),
    occurred_at: '2026-11-22T10:00:00.125Z',
    stored_at: '2026-11-22T10:00:00.500Z',
    source: 'keys',
    action: 'key.updated',
    outcome: 'success',
    actor: { user_id: USER_ID, key_id: KEY_ID, key_prefix: PREFIX, via: 'grpc', service: 'ops', host: null },
    target: { type: 'key', id: KEY_ID, owner_user_id: USER_ID },
    before: { name: 'old' },
    after: { name: 'new\u001b', scopes: ['mlflow:read'] },
    reason: null,
    count: 1,
    request_id: 'r-1',
    trace_id: null,
    personal: { client_ip: '192.0.2.1', user_agent: 'hokusai-cli/0.1.0' },
    ...more,
  };
}
