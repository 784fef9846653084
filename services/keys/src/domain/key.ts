/** What a key is, and how it stands at a moment. */

export type Environment = 'live' | 'test';
export type Role = 'member' | 'admin';

/** In requests; each at least 1. */
export interface Limits {
  ratePerHour: number;
  burst: number;
  burstWindowSeconds: number;
}

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** A secret that a rotation replaced. */
export interface RetiredSecret {
  keyPrefix: string;
  retiredAt: Date;
  /** It proves its key's genuineness afterwards too, but is not accepted any more. */
  validUntil: Date;
  lastUsedAt: Date | null;
  lastUsedIp: string | null;
}

export interface Key {
  id: string;
  /** Public prefix of the current secret. */
  keyPrefix: string;
  userId: string;
  /** What the owner is called. */
  userDisplayName: string;
  /** null for a key made on the keys host. */
  createdByKeyId: string | null;
  name: string;
  environment: Environment;
  scopes: readonly string[];
  createdAt: Date;
  rotatedAt: Date | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedIp: string | null;
  isActive: boolean;
  revokedAt: Date | null;
  revokedReason: string | null;
  limits: Limits;
  /** CIDR blocks; empty means anywhere. */
  allowedIps: readonly string[];
  metadata: JsonObject;
  version: bigint;
  /** Newest first. */
  retiredSecrets: readonly RetiredSecret[];
}

export interface Owner {
  userId: string;
  displayName: string;
  role: Role;
  disabledAt: Date | null;
  rateLimitPerHour: number | null;
}

/** A key with its owner: what authorisation looks at. */
export interface OwnedKey {
  key: Key;
  owner: Owner;
}

export interface AcceptedSecret {
  keyPrefix: string;
  /** null for the current secret. */
  validUntil: Date | null;
  retiredAt: Date | null;
}

/** The secrets that prove the key at `now`, the current one first. */
export function acceptedSecrets(key: Key, now: Date): AcceptedSecret[] {
  const inGrace = key.retiredSecrets.filter(({ validUntil }) => validUntil > now);
  return [
    { keyPrefix: key.keyPrefix, validUntil: null, retiredAt: null },
    ...inGrace.map(({ keyPrefix, validUntil, retiredAt }) => ({ keyPrefix, validUntil, retiredAt })),
  ];
}

export type KeyStanding = 'active' | 'expired' | 'revoked';

/** A key works before the instant `expiresAt`, not at it. Revocation outweighs expiry. */
export function standingOf(key: Pick<Key, 'isActive' | 'revokedAt' | 'expiresAt'>, now: Date): KeyStanding {
  if (key.revokedAt !== null) return 'revoked';
  const isExpired = key.expiresAt !== null && key.expiresAt <= now;
  return isExpired || !key.isActive ? 'expired' : 'active';
}
