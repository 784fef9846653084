/** Protobuf requests as domain values. Nothing is judged here: rules are the domain's. */
import { fromStruct, fromTimestamp, HokusaiError } from '@hokusai/contracts';
import type { CreateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/CreateKeyRequest';
import type { Environment__Output } from '@hokusai/contracts/gen/keys/v1/Environment';
import type { KeyStateFilter__Output } from '@hokusai/contracts/gen/keys/v1/KeyStateFilter';
import type { ListKeysRequest__Output } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';
import type { UpdateKeyRequest__Output } from '@hokusai/contracts/gen/keys/v1/UpdateKeyRequest';
import type { CreationRequest } from '../domain/create-key.ts';
import type { Environment, KeyStanding } from '../domain/key.ts';
import type { RequestedLimits } from '../domain/limits.ts';
import type { ListRequest } from '../domain/listing.ts';
import type { UpdateRequest } from '../domain/update-key.ts';

const ENVIRONMENTS: Readonly<Record<Environment__Output, Environment | null>> = {
  ENVIRONMENT_UNSPECIFIED: null,
  ENVIRONMENT_LIVE: 'live',
  ENVIRONMENT_TEST: 'test',
};

const STANDINGS: Readonly<Record<KeyStateFilter__Output, KeyStanding | null>> = {
  KEY_STATE_FILTER_UNSPECIFIED: null,
  KEY_STATE_FILTER_ACTIVE: 'active',
  KEY_STATE_FILTER_EXPIRED: 'expired',
  KEY_STATE_FILTER_REVOKED: 'revoked',
};

export function creationRequestOf(request: CreateKeyRequest__Output): CreationRequest {
  return {
    name: request.name,
    userId: request.userId === '' ? null : request.userId,
    environment: meaning(ENVIRONMENTS, request.environment),
    scopes: request.scopes?.scopes ?? null,
    expiresAt: fromTimestamp(request.expiresAt),
    limits: requestedLimitsOf(request),
    allowedIps: request.allowedIps,
    metadata: fromStruct(request.metadata),
  };
}

export function updateRequestOf(request: UpdateKeyRequest__Output): UpdateRequest {
  return {
    mask: request.updateMask?.paths ?? [],
    name: request.name,
    scopes: request.scopes,
    limits: requestedLimitsOf(request),
    allowedIps: request.allowedIps,
    expiresAt: fromTimestamp(request.expiresAt),
    metadata: fromStruct(request.metadata),
    ifVersion: request.ifVersion === '0' ? null : BigInt(request.ifVersion),
  };
}

function requestedLimitsOf(
  request: Pick<CreateKeyRequest__Output, 'rateLimitPerHour' | 'burstLimit' | 'burstWindowSeconds'>,
): RequestedLimits {
  return {
    ratePerHour: request.rateLimitPerHour ?? null,
    burst: request.burstLimit ?? null,
    burstWindowSeconds: request.burstWindowSeconds ?? null,
  };
}

export function listRequestOf(request: ListKeysRequest__Output): ListRequest {
  return {
    pageSize: request.pageSize,
    cursor: request.cursor,
    userId: request.userId,
    standing: meaning(STANDINGS, request.state),
    environment: meaning(ENVIRONMENTS, request.environment),
    scope: request.scope,
    nameContains: request.nameContains,
    unusedSince: fromTimestamp(request.unusedSince),
    expiresBefore: fromTimestamp(request.expiresBefore),
  };
}

/** A value that a newer client knows, and this service does not, arrives as a number. */
export function meaning<Name extends string, Meaning>(
  meanings: Readonly<Record<Name, Meaning>>,
  name: Name,
): Meaning {
  if (Object.hasOwn(meanings, name)) return meanings[name];
  throw new HokusaiError('invalid_request', `An enumeration has the unknown value ${Number(name)}.`);
}
