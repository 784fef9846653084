/** Domain values as protobuf messages. */
import { toStruct, toTimestamp } from '@hokusai/contracts';
import type { AcceptedSecret as AcceptedSecretMessage } from '@hokusai/contracts/gen/keys/v1/AcceptedSecret';
import type { Key as KeyMessage } from '@hokusai/contracts/gen/keys/v1/Key';
import type { KeyState } from '@hokusai/contracts/gen/keys/v1/KeyState';
import type { Owner as OwnerMessage } from '@hokusai/contracts/gen/keys/v1/Owner';
import type { RateLimits } from '@hokusai/contracts/gen/keys/v1/RateLimits';
import type { ReadPoint as ReadPointMessage } from '@hokusai/contracts/gen/keys/v1/ReadPoint';
import {
  type AcceptedSecret,
  acceptedSecrets,
  type Environment,
  type Key,
  type Limits,
  type OwnedKey,
  type Owner,
  type RetiredSecret,
} from '../domain/key.ts';
import type { ReadPoint } from '../domain/read-point.ts';

const ENVIRONMENTS = { live: 'ENVIRONMENT_LIVE', test: 'ENVIRONMENT_TEST' } as const;
export const ROLES = { member: 'ROLE_MEMBER', admin: 'ROLE_ADMIN' } as const;

/** A key as people see it. */
export function keyMessage(key: Key): KeyMessage {
  return {
    id: key.id,
    keyPrefix: key.keyPrefix,
    userId: key.userId,
    userDisplayName: key.userDisplayName,
    name: key.name,
    environment: environmentMessage(key.environment),
    scopes: [...key.scopes],
    createdAt: toTimestamp(key.createdAt),
    ...(key.createdByKeyId === null ? {} : { createdByKeyId: key.createdByKeyId }),
    rotatedAt: toTimestamp(key.rotatedAt),
    expiresAt: toTimestamp(key.expiresAt),
    lastUsedAt: toTimestamp(key.lastUsedAt),
    ...(key.lastUsedIp === null ? {} : { lastUsedIp: key.lastUsedIp }),
    isActive: key.isActive,
    revokedAt: toTimestamp(key.revokedAt),
    ...(key.revokedReason === null ? {} : { revokedReason: key.revokedReason }),
    limits: limitsMessage(key.limits),
    allowedIps: [...key.allowedIps],
    metadata: toStruct(key.metadata),
    version: String(key.version),
    retiredSecrets: key.retiredSecrets.map(retiredSecretMessage),
  };
}

/** A key as a gateway decides from it. */
export function stateMessage({ key, owner }: OwnedKey, read: ReadPoint): KeyState {
  return {
    keyId: key.id,
    version: String(key.version),
    name: key.name,
    environment: environmentMessage(key.environment),
    acceptedSecrets: acceptedSecrets(key, read.readAt).map(acceptedSecretMessage),
    isActive: key.isActive,
    revokedAt: toTimestamp(key.revokedAt),
    ...(key.revokedReason === null ? {} : { revokedReason: key.revokedReason }),
    expiresAt: toTimestamp(key.expiresAt),
    rotatedAt: toTimestamp(key.rotatedAt),
    scopes: [...key.scopes],
    limits: limitsMessage(key.limits),
    allowedIps: [...key.allowedIps],
    owner: ownerMessage(owner),
    read: readPointMessage(read),
  };
}

export function readPointMessage({ epoch, cut, readAt }: ReadPoint): ReadPointMessage {
  return { epoch, cut: String(cut), readAt: toTimestamp(readAt) };
}

function environmentMessage(environment: Environment) {
  return ENVIRONMENTS[environment];
}

function limitsMessage(limits: Limits): RateLimits {
  return {
    rateLimitPerHour: limits.ratePerHour,
    burstLimit: limits.burst,
    burstWindowSeconds: limits.burstWindowSeconds,
  };
}

function ownerMessage(owner: Owner): OwnerMessage {
  return {
    userId: owner.userId,
    displayName: owner.displayName,
    role: ROLES[owner.role],
    disabledAt: toTimestamp(owner.disabledAt),
    ...(owner.rateLimitPerHour === null ? {} : { rateLimitPerHour: owner.rateLimitPerHour }),
  };
}

function acceptedSecretMessage(secret: AcceptedSecret): AcceptedSecretMessage {
  return {
    keyPrefix: secret.keyPrefix,
    validUntil: toTimestamp(secret.validUntil),
    retiredAt: toTimestamp(secret.retiredAt),
  };
}

function retiredSecretMessage(secret: RetiredSecret) {
  return {
    keyPrefix: secret.keyPrefix,
    retiredAt: toTimestamp(secret.retiredAt),
    validUntil: toTimestamp(secret.validUntil),
    lastUsedAt: toTimestamp(secret.lastUsedAt),
    ...(secret.lastUsedIp === null ? {} : { lastUsedIp: secret.lastUsedIp }),
  };
}
