/** The keys service's messages about keys as JSON, and the other way round. */
import { fromDuration, fromStruct, type JsonObject, toDuration, toStruct } from '@hokusai/contracts';
import type { Caller } from '@hokusai/contracts/gen/keys/v1/Caller';
import type { CreateKeyRequest } from '@hokusai/contracts/gen/keys/v1/CreateKeyRequest';
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';
import type { ListKeysRequest } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';
import type { RevocationReceipt__Output } from '@hokusai/contracts/gen/keys/v1/RevocationReceipt';
import type { RotateKeyRequest } from '@hokusai/contracts/gen/keys/v1/RotateKeyRequest';
import type { UpdateKeyRequest } from '@hokusai/contracts/gen/keys/v1/UpdateKeyRequest';
import { cursorOf, instantOf, knownInstantOf, timestampOf } from '../values.ts';
import type {
  CreateKeyBody,
  KeyJson,
  ListKeysQuery,
  ReceiptJson,
  RotateKeyBody,
  UpdateKeyBody,
} from './schemas.ts';

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
    ...limitsMessage(body),
    allowedIps: body.allowed_ips ?? [],
    metadata: toStruct((body.metadata ?? {}) as JsonObject),
  };
}

/** The mask names what the body has; null is an absent value that is named. */
export function updateKeyMessage(
  caller: Caller,
  keyId: string,
  { if_version: ifVersion, ...body }: UpdateKeyBody,
): UpdateKeyRequest {
  return {
    caller,
    keyId,
    updateMask: { paths: Object.keys(body) },
    name: body.name ?? '',
    scopes: body.scopes ?? [],
    ...limitsMessage(body),
    allowedIps: body.allowed_ips ?? [],
    expiresAt: timestampOf(body.expires_at),
    metadata: toStruct((body.metadata ?? {}) as JsonObject),
    ifVersion: ifVersion ?? '0',
  };
}

export function rotateKeyMessage(caller: Caller, keyId: string, body: RotateKeyBody): RotateKeyRequest {
  const { grace_period_seconds: seconds } = body;
  return { caller, keyId, gracePeriod: seconds == null ? null : toDuration(seconds * 1000) };
}

type LimitFields = Pick<CreateKeyBody, 'rate_limit_per_hour' | 'burst_limit' | 'burst_window_seconds'>;

function limitsMessage(body: LimitFields) {
  return {
    ...(body.rate_limit_per_hour == null ? {} : { rateLimitPerHour: body.rate_limit_per_hour }),
    ...(body.burst_limit == null ? {} : { burstLimit: body.burst_limit }),
    ...(body.burst_window_seconds == null ? {} : { burstWindowSeconds: body.burst_window_seconds }),
  };
}

export function listKeysMessage(caller: Caller, query: ListKeysQuery): ListKeysRequest {
  return {
    caller,
    pageSize: query.limit ?? 0,
    cursor: cursorOf(query),
    userId: query.user_id ?? '',
    state: query.state ? STATES[query.state] : 'KEY_STATE_FILTER_UNSPECIFIED',
    environment: query.environment ? ENVIRONMENTS[query.environment] : 'ENVIRONMENT_UNSPECIFIED',
    scope: query.scope ?? '',
    nameContains: query.name ?? '',
    unusedSince: timestampOf(query.unused_since),
    expiresBefore: timestampOf(query.expires_before),
  };
}

/** @param nowMs what the expiry is judged by, ms since the epoch */
export function keyJson(key: Key__Output, nowMs: number): KeyJson {
  return {
    id: key.id,
    key_prefix: key.keyPrefix,
    user_id: key.userId,
    user_display_name: key.userDisplayName,
    name: key.name,
    environment: key.environment === 'ENVIRONMENT_TEST' ? 'test' : 'live',
    scopes: key.scopes,
    state: stateOf(key, nowMs),
    is_active: key.isActive,
    created_at: knownInstantOf(key.createdAt),
    created_by_key_id: key.createdByKeyId ?? null,
    rotated_at: instantOf(key.rotatedAt),
    expires_at: instantOf(key.expiresAt),
    last_used_at: instantOf(key.lastUsedAt),
    last_used_ip: key.lastUsedIp ?? null,
    revoked_at: instantOf(key.revokedAt),
    revoked_reason: key.revokedReason ?? null,
    rate_limit_per_hour: key.limits?.rateLimitPerHour ?? 0,
    burst_limit: key.limits?.burstLimit ?? 0,
    burst_window_seconds: key.limits?.burstWindowSeconds ?? 0,
    allowed_ips: key.allowedIps,
    metadata: fromStruct(key.metadata),
    version: key.version,
    retired_secrets: key.retiredSecrets.map((secret) => ({
      key_prefix: secret.keyPrefix,
      retired_at: knownInstantOf(secret.retiredAt),
      valid_until: knownInstantOf(secret.validUntil),
      last_used_at: instantOf(secret.lastUsedAt),
      last_used_ip: secret.lastUsedIp ?? null,
    })),
  };
}

/** A key works before the instant of its expiry, not at it. Revocation outweighs expiry. */
function stateOf({ revokedAt, expiresAt, isActive }: Key__Output, nowMs: number): KeyJson['state'] {
  if (revokedAt) return 'revoked';
  const isExpired = expiresAt !== null && Date.parse(knownInstantOf(expiresAt)) <= nowMs;
  return isExpired || !isActive ? 'expired' : 'active';
}

const RECEIPT_STATUSES: Readonly<Record<string, 'acknowledged' | 'left'>> = {
  STATUS_ACKNOWLEDGED: 'acknowledged',
  STATUS_LEFT: 'left',
};

export function receiptJson(receipt: RevocationReceipt__Output | null): ReceiptJson {
  if (!receipt) return null;
  return {
    committed_at: knownInstantOf(receipt.committedAt),
    effective_no_later_than: knownInstantOf(receipt.effectiveNoLaterThan),
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
