/** The keys service's messages as JSON, and the other way round. */
import {
  fromDuration,
  fromStruct,
  fromTimestamp,
  type JsonObject,
  toStruct,
  toTimestamp,
} from '@hokusai/contracts';
import type { Caller } from '@hokusai/contracts/gen/keys/v1/Caller';
import type { CreateKeyRequest } from '@hokusai/contracts/gen/keys/v1/CreateKeyRequest';
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';
import type { ListKeysRequest } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';
import type { RevocationReceipt__Output } from '@hokusai/contracts/gen/keys/v1/RevocationReceipt';
import type { CreateKeyBody, KeyJson, ListKeysQuery, RevokedKeyJson } from './schemas.ts';

const ENVIRONMENTS = { live: 'ENVIRONMENT_LIVE', test: 'ENVIRONMENT_TEST' } as const;
const STATES = {
  active: 'KEY_STATE_FILTER_ACTIVE',
  expired: 'KEY_STATE_FILTER_EXPIRED',
  revoked: 'KEY_STATE_FILTER_REVOKED',
} as const;

export function createKeyMessage(caller: Caller, body: CreateKeyBody): CreateKeyRequest {
  return {
    caller,
    name: body.name,
    userId: body.user_id ?? '',
    environment: body.environment ? ENVIRONMENTS[body.environment] : 'ENVIRONMENT_UNSPECIFIED',
    scopes: body.scopes ? { scopes: body.scopes } : null,
    expiresAt: timestampOf(body.expires_at),
    ...(body.rate_limit_per_hour == null ? {} : { rateLimitPerHour: body.rate_limit_per_hour }),
    ...(body.burst_limit == null ? {} : { burstLimit: body.burst_limit }),
    ...(body.burst_window_seconds == null ? {} : { burstWindowSeconds: body.burst_window_seconds }),
    allowedIps: body.allowed_ips ?? [],
    metadata: toStruct((body.metadata ?? {}) as JsonObject),
  };
}

export function listKeysMessage(caller: Caller, query: ListKeysQuery): ListKeysRequest {
  return {
    caller,
    pageSize: query.limit ?? 0,
    cursor: query.cursor ?? '',
    userId: query.user_id ?? '',
    state: query.state ? STATES[query.state] : 'KEY_STATE_FILTER_UNSPECIFIED',
    environment: query.environment ? ENVIRONMENTS[query.environment] : 'ENVIRONMENT_UNSPECIFIED',
    scope: query.scope ?? '',
    nameContains: query.name ?? '',
    unusedSince: timestampOf(query.unused_since),
    expiresBefore: timestampOf(query.expires_before),
  };
}

export function keyJson(key: Key__Output): KeyJson {
  return {
    id: key.id,
    key_prefix: key.keyPrefix,
    user_id: key.userId,
    name: key.name,
    environment: key.environment === 'ENVIRONMENT_TEST' ? 'test' : 'live',
    scopes: key.scopes as KeyJson['scopes'],
    created_at: instantOf(key.createdAt),
    created_by_key_id: key.createdByKeyId ?? null,
    expires_at: instantOf(key.expiresAt),
    last_used_at: instantOf(key.lastUsedAt),
    last_used_ip: key.lastUsedIp ?? null,
    is_active: key.isActive,
    revoked_at: instantOf(key.revokedAt),
    revoked_reason: key.revokedReason ?? null,
    rate_limit_per_hour: key.limits?.rateLimitPerHour ?? 0,
    burst_limit: key.limits?.burstLimit ?? 0,
    burst_window_seconds: key.limits?.burstWindowSeconds ?? 0,
    allowed_ips: key.allowedIps,
    metadata: fromStruct(key.metadata),
    retired_secrets: key.retiredSecrets.map((secret) => ({
      key_prefix: secret.keyPrefix,
      retired_at: instantOf(secret.retiredAt),
      valid_until: instantOf(secret.validUntil),
      last_used_at: instantOf(secret.lastUsedAt),
      last_used_ip: secret.lastUsedIp ?? null,
    })),
  };
}

const RECEIPT_STATUSES: Readonly<Record<string, 'acknowledged' | 'left'>> = {
  STATUS_ACKNOWLEDGED: 'acknowledged',
  STATUS_LEFT: 'left',
};

export function receiptJson(receipt: RevocationReceipt__Output | null): RevokedKeyJson['receipt'] {
  if (!receipt) return null;
  return {
    committed_at: instantOf(receipt.committedAt),
    effective_no_later_than: instantOf(receipt.effectiveNoLaterThan),
    complete: receipt.complete,
    gateways: receipt.gateways.map(({ incarnation, gateway, status, lag, fencedBy }) => ({
      incarnation,
      gateway,
      status: RECEIPT_STATUSES[status] ?? 'silent',
      lag_ms: fromDuration(lag),
      fenced_by: instantOf(fencedBy),
    })),
  };
}

function instantOf(timestamp: Parameters<typeof fromTimestamp>[0]): string | null {
  return fromTimestamp(timestamp)?.toISOString() ?? null;
}

function timestampOf(text: string | null | undefined) {
  return text == null ? null : toTimestamp(new Date(text));
}
