/** Audit events as the keys service publishes them, of a thousand keys. */
import { createHash } from 'node:crypto';
import type { AuditEvent } from '@hokusai/contracts';

const USERS = 200;
const KEYS = 1000;
const ADDRESSES = 500;

/** The same uuid for the same name. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Mostly changes of a key by another one of its owner, some creations; all of them from somewhere. */
export function auditEvent(number: number, at: string): AuditEvent {
  const key = number % KEYS;
  const owner = idOf(`user ${key % USERS}`);
  const change = number % 5 === 0 ? creation(number, owner) : renaming(number);
  return {
    ...change,
    outcome: 'success',
    occurred_at: at,
    actor: {
      ...{ user_id: owner, key_id: idOf(`key ${(number * 7) % KEYS}`), via: 'gateway' },
      key_prefix: `hk_live_${String(key).padStart(12, '0')}`,
    },
    target: { type: 'key', id: idOf(`key ${key}`), owner_user_id: owner },
    reason: null,
    count: 1,
    request_id: idOf(`request ${number}`),
    trace_id: idOf(`trace ${number}`).replaceAll('-', ''),
    personal: { client_ip: `192.0.2.${number % ADDRESSES}`, user_agent: 'hokusai-cli/0.1.0 node/24.21.0' },
  };
}

function renaming(number: number): Pick<AuditEvent, 'action' | 'before' | 'after'> {
  return {
    action: 'key.updated',
    before: { name: `training pipeline ${number - 1}`, rate_limit_per_hour: 20_000 },
    after: { name: `training pipeline ${number}`, rate_limit_per_hour: 10_000 },
  };
}

function creation(number: number, userId: string): Pick<AuditEvent, 'action' | 'before' | 'after'> {
  const after = {
    ...{
      key_prefix: `hk_live_${String(number).padStart(12, '0')}`,
      user_id: userId,
      created_by_key_id: null,
    },
    ...{ name: 'training pipeline', environment: 'live', scopes: ['mlflow:read', 'mlflow:write'] },
    ...{ expires_at: null, rate_limit_per_hour: 20_000, burst_limit: 100, burst_window_seconds: 1 },
    ...{ allowed_ips: [], is_active: true },
  };
  return { action: 'key.created', before: null, after };
}
