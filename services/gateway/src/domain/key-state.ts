/** What the gateway knows of a key: that a string proves it, and what it may do now. */
import type { Scope } from '@hokusai/contracts/scopes';

/** "This string is a genuine secret of that key." It does not age while the state accepts its prefix. */
export interface Proof {
  keyId: string;
  /** Public first part of the secret that was proved; may be a retired one. */
  keyPrefix: string;
  /** When a rotation replaced that secret, ms since the epoch; not in a proof from before. */
  retiredAtMs?: number;
}

export interface AcceptedSecret {
  keyPrefix: string;
  /** End of a retired secret's grace, ms since the epoch; null for the current secret. */
  validUntilMs: number | null;
}

/** Where in the database's history a state was read (see `trust.ts`). */
export interface ReadPoint {
  epoch: string;
  /** Everything committed by a transaction below this id was visible. */
  cut: bigint;
  /** The database's clock at the read, ms since the epoch. */
  readAtMs: number;
}

export interface Owner {
  userId: string;
  displayName: string;
  role: 'member' | 'admin';
  disabledAtMs: number | null;
  /** Requests in any hour over all keys of the owner; null for no such limit. */
  rateLimitPerHour: number | null;
}

export interface KeyState {
  keyId: string;
  version: bigint;
  name: string;
  environment: 'live' | 'test';
  /** The current secret first. */
  acceptedSecrets: readonly AcceptedSecret[];
  isActive: boolean;
  revokedAtMs: number | null;
  /** What was said when it was revoked; null if nothing was. */
  revokedReason: string | null;
  expiresAtMs: number | null;
  /** Of the key, not yet narrowed by its owner's role. */
  scopes: readonly Scope[];
  limits: { ratePerHour: number; burst: number; burstWindowSeconds: number };
  /** CIDR blocks; empty means anywhere. */
  allowedIps: readonly string[];
  owner: Owner;
  read: ReadPoint;
}
