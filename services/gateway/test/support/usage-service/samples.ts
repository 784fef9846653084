/** Usage as the usage service sends it, and as the API shows it. */
import { toTimestamp } from '@hokusai/contracts';

const at = (text: string) => toTimestamp(new Date(text));

export const KEY_ID = '6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a';
export const USER_ID = '0192a0c4-1111-4a4e-9a53-1c9b3f6f2d11';

export const sentTotals = {
  requests: '1520',
  errors: '3',
  statuses: {
    informational: '1',
    successful: '1400',
    redirected: '2',
    clientErrors: '114',
    serverErrors: '3',
  },
  refused: { scope_missing: '2', rate_limited: '1' },
  latency: { p50Ms: 8.123456, p90Ms: 21.4, p99Ms: 88 },
  bytesIn: '48211',
  bytesOut: '9007199254740991',
};

export const shownTotals = {
  requests: 1520,
  errors: 3,
  statuses: { '1xx': 1, '2xx': 1400, '3xx': 2, '4xx': 114, '5xx': 3 },
  refused: { scope_missing: 2, rate_limited: 1 },
  latency_ms: { p50: 8.123, p90: 21.4, p99: 88 },
  bytes_in: 48_211,
  bytes_out: 9_007_199_254_740_991,
};

const sentNothing = {
  requests: '0',
  errors: '0',
  statuses: null,
  refused: {},
  latency: null,
  bytesIn: '0',
  bytesOut: '0',
};

const shownNothing = {
  requests: 0,
  errors: 0,
  statuses: { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
  refused: {},
  latency_ms: null,
  bytes_in: 0,
  bytes_out: 0,
};

export const sentBuckets = [
  { start: at('2026-11-21T23:00:00Z'), totals: sentTotals },
  { start: at('2026-11-22T23:00:00Z'), totals: sentNothing },
];

export const shownBuckets = [
  { start: '2026-11-21T23:00:00.000Z', ...shownTotals },
  { start: '2026-11-22T23:00:00.000Z', ...shownNothing },
];

export const sentEndpoints = [
  { method: 'POST', endpoint: '/api/2.0/mlflow/runs/create', totals: sentTotals },
];

export const shownEndpoints = [{ method: 'POST', endpoint: '/api/2.0/mlflow/runs/create', ...shownTotals }];

export const sentEntries = [
  { value: KEY_ID, label: 'hk_live_abcdefghijkl training', totals: sentTotals },
  { value: '192.0.2.7', label: '', totals: sentNothing },
];

export const shownEntries = [
  { value: KEY_ID, label: 'hk_live_abcdefghijkl training', ...shownTotals },
  { value: '192.0.2.7', label: null, ...shownNothing },
];

export const sentUnused = [
  {
    keyId: KEY_ID,
    keyPrefix: 'hk_live_abcdefghijkl',
    name: '=cmd()',
    userId: USER_ID,
    lastUsedAt: at('2026-01-02T03:04:05.678Z'),
  },
  { keyId: USER_ID, keyPrefix: '', name: '', userId: '', lastUsedAt: null },
];

export const sentObserved = [
  {
    ...{
      reason: 'key_expired',
      clientIp: '192.0.2.1',
      userAgentFamily: 'curl',
      keyPrefix: 'hk_live_abcdefghijkl',
    },
    ...{ keyName: 'ci', requests: '1520' },
    firstMinute: at('2026-01-01T00:00:00.000Z'),
    lastMinute: at('2026-01-01T01:00:00.000Z'),
  },
  {
    ...{
      reason: 'key_missing',
      clientIp: '',
      userAgentFamily: '',
      keyPrefix: '',
      keyName: '',
      requests: '2',
    },
    firstMinute: at('2026-01-01T00:00:00.000Z'),
    lastMinute: at('2026-01-01T00:00:00.000Z'),
  },
];

export const shownObserved = [
  {
    reason: 'key_expired',
    client_ip: '192.0.2.1',
    user_agent_family: 'curl',
    key_prefix: 'hk_live_abcdefghijkl',
    key_name: 'ci',
    requests: 1520,
    first_minute: '2026-01-01T00:00:00.000Z',
    last_minute: '2026-01-01T01:00:00.000Z',
  },
  {
    reason: 'key_missing',
    client_ip: null,
    user_agent_family: '',
    key_prefix: null,
    key_name: null,
    requests: 2,
    first_minute: '2026-01-01T00:00:00.000Z',
    last_minute: '2026-01-01T00:00:00.000Z',
  },
];

export const shownUnused = [
  {
    key_id: KEY_ID,
    key_prefix: 'hk_live_abcdefghijkl',
    name: '=cmd()',
    user_id: USER_ID,
    last_used_at: '2026-01-02T03:04:05.678Z',
  },
  { key_id: USER_ID, key_prefix: '', name: '', user_id: null, last_used_at: null },
];

export const sentIncarnation = {
  incarnation: KEY_ID,
  gateway: 'host:8080',
  status: 'STATUS_GAP',
  assigned: '20',
  received: '15',
  stored: '15',
  rolledUp: '14',
  gaps: [
    { from: '3', to: '6' },
    { from: '9', to: '9' },
  ],
  gapsLeftOut: '3',
  lastKnownAssigned: '20',
  clockCorrected: '2',
  openedAt: at('2026-11-22T10:00:00Z'),
  lastHeardAt: at('2026-11-22T11:00:00Z'),
  closedAt: null,
} as const;

const shownIncarnation = {
  incarnation: KEY_ID,
  gateway: 'host:8080',
  status: 'gap',
  assigned: 20,
  received: 15,
  stored: 15,
  rolled_up: 14,
  clock_corrected: 2,
  gaps: [
    { from: 3, to: 6 },
    { from: 9, to: 9 },
  ],
  gaps_left_out: 3,
  last_known_assigned: 20,
  opened_at: '2026-11-22T10:00:00.000Z',
  last_heard_at: '2026-11-22T11:00:00.000Z',
  closed_at: null,
};

export const sentIntegrity = {
  complete: false,
  brokerReachable: true,
  statuses: { open: '1', balanced: '40000', gap: '2', uncleanEnd: '3' },
  incarnations: [sentIncarnation],
  nextCursor: 'more',
};

export const shownIntegrity = {
  complete: false,
  broker_reachable: true,
  statuses: { open: 1, balanced: 40_000, gap: 2, unclean_end: 3 },
  incarnations: [shownIncarnation],
  next_cursor: 'more',
};
