/** Events as they look on the bus; a test holds them against the schemas. */
import type { AuditEvent } from '../events/audit.ts';
import { type CloudEvent, cloudEvent } from '../events/cloud-event.ts';
import type { KeyEvent } from '../events/keys.ts';
import { auditSubject, keyEventSubject } from '../events/subjects.ts';

export interface EventExample {
  subject: string;
  summary: string;
  event: CloudEvent<AuditEvent | KeyEvent>;
}

const AT = new Date('2026-01-15T12:00:00.000Z');
const KEY = '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10';
const OWNER = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
const ADMIN = '8c1d2b7a-64d7-4f3e-8f0e-2b0f6f1c9a02';

const key: KeyEvent = {
  key_id: KEY,
  key_prefix: 'hk_live_4fQ0ZyB2kL9x',
  name: 'nightly',
  environment: 'live',
  user_id: OWNER,
  version: '1768478400000000',
  is_active: true,
  expires_at: '2026-01-22T12:00:00.000Z',
};

const change: AuditEvent = {
  action: 'key.updated',
  outcome: 'success',
  occurred_at: AT.toISOString(),
  actor: {
    user_id: ADMIN,
    key_id: 'f2c0a1d4-9d0b-4f1e-b9a3-7c5d2e8b6a01',
    key_prefix: 'hk_live_Zk81mQx0TtPw',
    via: 'gateway',
  },
  target: { type: 'key', id: KEY },
  before: { rate_limit_per_hour: 20_000 },
  after: { rate_limit_per_hour: 5000 },
  reason: null,
  count: 1,
  request_id: '7d2f3c1a-1f0e-4a57-9a3b-5f8f4f0f2b10',
  trace_id: null,
  personal: { client_ip: '198.51.100.7', user_agent: 'hokusai-cli/0.1.0' },
};

const revocation: AuditEvent = {
  ...change,
  action: 'key.revoked',
  before: { is_active: true },
  after: { is_active: false },
  reason: 'left the team',
};

const refusal: AuditEvent = {
  ...change,
  action: 'auth.refused',
  outcome: 'refused',
  actor: { user_id: null, key_id: null, key_prefix: null, via: 'gateway' },
  target: { type: 'route', id: '/mlflow' },
  before: null,
  after: null,
  reason: 'unknown_key',
  count: 17,
  personal: { client_ip: '203.0.113.9' },
};

const start: AuditEvent = {
  ...refusal,
  action: 'gateway.started',
  outcome: 'success',
  actor: { ...refusal.actor, host: 'machine-1' },
  target: { type: 'gateway', id: 'gateway-1' },
  after: {
    incarnation: 'c3a1b9d2-5e4f-4f0a-8b7c-1d2e3f405162',
    configuration: { GATEWAY_PORT: 8080, OUTAGE_GRACE_SECONDS: 60 },
  },
  reason: null,
  count: 1,
  request_id: null,
  personal: {},
};

const KEYS = '/hokusai/keys/keys-1';
const GATEWAY = '/hokusai/gateway/gateway-1';

export const EVENT_EXAMPLES: readonly EventExample[] = [
  example(1, KEYS, auditSubject('keys', 'key.updated'), change, 'An admin changed a limit.'),
  example(2, KEYS, auditSubject('keys', 'key.revoked'), revocation, 'An admin revoked a key.'),
  example(
    3,
    GATEWAY,
    auditSubject('gateway', 'auth.refused'),
    refusal,
    'Within a minute 17 requests from one address named no known key.',
  ),
  example(4, GATEWAY, auditSubject('gateway', 'gateway.started'), start, 'A gateway started.'),
  example(5, KEYS, keyEventSubject('revoked'), { ...key, is_active: false }, 'A key was revoked.'),
  example(6, KEYS, keyEventSubject('expiring'), { ...key, notice: '7d' }, 'A key expires in a week.'),
  example(
    7,
    GATEWAY,
    keyEventSubject('quota.near'),
    { ...key, quota: { policy: 'hour', limit: 5000, used: 4000, window_seconds: 3600 } },
    'A key has used four fifths of its hourly limit.',
  ),
];

/** Those whose subjects begin so. */
export function examplesUnder(prefix: string): readonly EventExample[] {
  return EVENT_EXAMPLES.filter(({ subject }) => subject.startsWith(prefix));
}

function example(
  number: number,
  source: string,
  subject: string,
  data: AuditEvent | KeyEvent,
  summary: string,
): EventExample {
  const id = `5b0e0f54-6a2b-4b54-9a53-${String(number).padStart(12, '0')}`;
  return { subject, summary, event: cloudEvent({ id, source, subject, time: AT, data }) };
}
