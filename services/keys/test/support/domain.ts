/** Actors and keys for tests of the rules. */
import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { SCOPES } from '@hokusai/contracts/scopes';
import type { Actor } from '../../src/domain/actor.ts';
import type { IssuingPolicy } from '../../src/domain/create-key.ts';
import type { Key, OwnedKey, Owner } from '../../src/domain/key.ts';

export const now = new Date('2026-03-01T12:00:00.000Z');
export const HOUR_MS = 3_600_000;
export const inHours = (hours: number) => new Date(now.getTime() + hours * HOUR_MS);

export const policy: IssuingPolicy = {
  defaultLimits: { ratePerHour: 20_000, burst: 100, burstWindowSeconds: 1 },
  ...{ maxKeysPerUser: 50, defaultTtlMs: null, maxTtlMs: null, rotationGraceMs: 24 * HOUR_MS },
};

export const member: Actor = {
  ...{ keyId: 'k-acting', userId: 'u-member', isAdmin: false, environment: 'live' },
  scopes: ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'],
  ...{ expiresAt: null, allowedIps: [], limits: policy.defaultLimits },
};
export const admin: Actor = { ...member, userId: 'u-admin', isAdmin: true, scopes: SCOPES };

/** A member's working key, which a bare `member` may do anything with. */
export function ownedKey(key: Partial<Key> = {}, owner: Partial<Owner> = {}): OwnedKey {
  return {
    key: {
      ...{ id: 'k-target', keyPrefix: 'hk_live_current00000', userId: 'u-member', userDisplayName: 'M' },
      ...{ createdByKeyId: null, name: 'ci', environment: 'live', scopes: ['mlflow:read', 'mlflow:write'] },
      ...{ createdAt: inHours(-99), rotatedAt: null, expiresAt: null, lastUsedAt: null, lastUsedIp: null },
      ...{ isActive: true, revokedAt: null, revokedReason: null, limits: policy.defaultLimits },
      ...{ allowedIps: [], metadata: {}, version: 7n, retiredSecrets: [] },
      ...key,
    },
    owner: {
      ...{ userId: 'u-member', displayName: 'M', role: 'member', disabledAt: null, rateLimitPerHour: null },
      ...owner,
    },
  };
}

/** Why it was refused. */
export interface Refused {
  code: string;
  reason: string | undefined;
  /** Of the violations. */
  paths: string[];
}

/** What a rule says no with. */
export function refusalOf(work: () => unknown): Refused {
  try {
    work();
  } catch (error) {
    if (!(error instanceof HokusaiError)) throw error;
    return { code: error.code, reason: error.reason, paths: error.violations.map(({ path }) => path) };
  }
  return assert.fail('was allowed');
}
