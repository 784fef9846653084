/** Who is asking: the acting key, read afresh for every management call, and what it may do. */

import { isAllowed, UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { HokusaiError } from '@hokusai/contracts/errors';
import { effectiveScopes, type Scope } from '@hokusai/contracts/scopes';
import {
  type AcceptedSecret,
  acceptedSecrets,
  type Environment,
  type Key,
  type Limits,
  type OwnedKey,
  standingOf,
} from './key.ts';
import { earliest } from './time.ts';

/** What is known of a caller besides its key; for decisions and the audit log. */
export interface Caller {
  /** The calling service, by the name of its credential; may be empty. */
  service: string;
  actingKeyId: string;
  /** Prefix of the secret that was proved; may be empty. */
  actingKeyPrefix: string;
  requestId: string;
  /** Empty: not said, as by callers that are no gateway. `UNKNOWN_ADDRESS`: can't be told. */
  clientIp: string;
  userAgent: string;
  traceId: string;
}

/** A caller whose key works now. */
export interface Actor {
  keyId: string;
  userId: string;
  /** Holds `admin` by key and by role: reaches the keys of all users. */
  isAdmin: boolean;
  /** What its key and its owner's role both allow, `admin` spelled out. */
  scopes: readonly Scope[];
  environment: Environment;
  /** End of the key or, if that is earlier, of the grace of the secret that was used. */
  expiresAt: Date | null;
  allowedIps: readonly string[];
  limits: Limits;
}

/** Lets a caller in whose key works at `now`, from where it calls. Throws `unauthenticated` or `permission_denied`. */
export function admit(caller: Caller, acting: OwnedKey | null, now: Date): Actor {
  if (acting === null) {
    const message =
      caller.actingKeyId === '' ? 'The call names no acting key.' : 'The acting key is unknown.';
    throw new HokusaiError('unauthenticated', message, { reason: 'unknown_key' });
  }
  const refusal = refusalOf(caller, acting, now);
  if (refusal !== undefined) {
    const [reason, message] = refusal;
    throw new HokusaiError('permission_denied', `Key ${acting.key.keyPrefix} ${message}.`, { reason });
  }
  const { key, owner } = acting;
  return {
    keyId: key.id,
    ...reachOf(acting),
    scopes: effectiveScopes(key.scopes, owner.role),
    environment: key.environment,
    expiresAt: earliest(key.expiresAt, usedSecret(caller, key, now)?.validUntil ?? null),
    allowedIps: key.allowedIps,
    limits: key.limits,
  };
}

/** The most final reason first, in the order in which the gateway has them. */
function refusalOf(caller: Caller, { key, owner }: OwnedKey, now: Date): [ErrorReason, string] | undefined {
  const standing = standingOf(key, now);
  if (standing === 'revoked') return ['key_revoked', `was revoked on ${key.revokedAt?.toISOString()}`];
  if (owner.disabledAt !== null) return ['owner_disabled', 'belongs to a disabled user'];
  if (standing === 'expired') {
    return ['key_expired', `has expired${key.expiresAt ? ` on ${key.expiresAt.toISOString()}` : ''}`];
  }
  if (caller.actingKeyPrefix !== '' && usedSecret(caller, key, now) === undefined) {
    return ['secret_rotated', 'has another secret by now'];
  }
  if (caller.clientIp !== '' && !isAllowed(caller.clientIp, key.allowedIps)) {
    const from = caller.clientIp === UNKNOWN_ADDRESS ? "an address that can't be told" : caller.clientIp;
    return ['address_not_allowed', `may not be used from ${from}`];
  }
  return undefined;
}

function usedSecret({ actingKeyPrefix }: Caller, key: Key, now: Date): AcceptedSecret | undefined {
  return acceptedSecrets(key, now).find(({ keyPrefix }) => keyPrefix === actingKeyPrefix);
}

/** Throws `permission_denied` unless the actor holds the scope. */
export function requireScope(actor: Actor, scope: Scope): void {
  if (actor.scopes.includes(scope)) return;
  throw new HokusaiError(
    'permission_denied',
    `This needs the scope ${scope}, which the acting key does not have (or its owner's role does not allow).`,
    { reason: 'scope_missing' },
  );
}

/** Whose keys the actor reaches. */
export type Reach = Pick<Actor, 'userId' | 'isAdmin'>;

/** The reach of who acts with a key, whether or not it works at the moment. */
export function reachOf({ key, owner }: OwnedKey): Reach {
  return { userId: owner.userId, isAdmin: effectiveScopes(key.scopes, owner.role).includes('admin') };
}

/** A member reaches their own keys, an admin those of all users. */
export function reaches(reach: Reach, ownerId: string): boolean {
  return reach.isAdmin || reach.userId === ownerId;
}
