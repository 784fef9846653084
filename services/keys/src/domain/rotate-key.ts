/** Decisions about a key's secrets: replacing the current one, and ending a replaced one's grace. */
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { HokusaiError } from '@hokusai/contracts/errors';
import { GRACE_LIMIT_SECONDS } from '@hokusai/contracts/fields';
import { effectiveScopes } from '@hokusai/contracts/scopes';
import { decideChange } from './access.ts';
import type { Actor } from './actor.ts';
import { excessOf, grantOf } from './grant.ts';
import { type Key, type OwnedKey, type RetiredSecret, standingOf } from './key.ts';
import { areLooser } from './limits.ts';
import { earliest } from './time.ts';
import { Violations } from './violations.ts';

/** Replaced secrets of one key that are accepted at the same time. */
const SECRETS_IN_GRACE_LIMIT = 5;

const PATH = 'grace_period_seconds';

export interface Rotation {
  key: Key;
  /** End of the replaced secret's grace: the time of the rotation, if there is none. */
  validUntil: Date;
}

/**
 * Decides whether the actor gets a new secret of the key. They get by it all that the key may do, so that has
 * to be theirs already: a key with less can't be turned into one with more.
 *
 * @param graceMs null: `defaultGraceMs`, cut at the key's end
 * Throws `permission_denied`, `not_found`, or `unprocessable` with all violations.
 */
export function decideRotation(
  actor: Actor,
  target: OwnedKey | null,
  graceMs: number | null,
  defaultGraceMs: number,
  now: Date,
): Rotation {
  const owned = decideChange(actor, target);
  const { key } = owned;
  requireWorking(key, now);
  requireHeld(actor, owned);
  const violations = new Violations();
  const validUntil = checkGrace(key, graceMs, defaultGraceMs, now, violations);
  const inGrace = key.retiredSecrets.filter((secret) => secret.validUntil > now).length;
  if (validUntil > now && inGrace >= SECRETS_IN_GRACE_LIMIT) {
    const message = `${inGrace} replaced secrets of this key still work: end the grace of one first`;
    violations.add('', message, 'too_many_secrets');
  }
  violations.throwIfAny();
  return { key, validUntil };
}

/** The retired secret with the prefix. Throws `permission_denied` or `not_found`. */
export function decideSecretEnd(
  actor: Actor,
  target: OwnedKey | null,
  keyPrefix: string,
): { key: Key; secret: RetiredSecret } {
  const { key } = decideChange(actor, target);
  const secret = key.retiredSecrets.find((retired) => retired.keyPrefix === keyPrefix);
  if (secret !== undefined) return { key, secret };
  const message =
    keyPrefix === key.keyPrefix
      ? 'This is the current secret of the key: rotate the key, or revoke it.'
      : 'The key has no retired secret with this prefix.';
  throw new HokusaiError('not_found', message, { reason: 'secret_not_found' });
}

function requireWorking(key: Key, now: Date): void {
  const violations = new Violations();
  const standing = standingOf(key, now);
  if (standing === 'revoked') violations.add('', 'this key is revoked: create a new one', 'key_revoked');
  if (standing === 'expired') {
    violations.add('', 'this key has expired: give it a later expires_at first', 'key_expired');
  }
  violations.throwIfAny();
}

/** Everybody holds what their own key may do, as far as the secret lasts that they used. */
function requireHeld(actor: Actor, { key, owner }: OwnedKey): void {
  const whole = grantOf(key);
  const grant =
    key.id === actor.keyId ? { ...whole, scopes: effectiveScopes(key.scopes, owner.role) } : whole;
  const { environment, scopes, expiry, addresses } = excessOf(grant, actor);
  const reasons: [reason: ErrorReason, text: string][] = [];
  if (environment) reasons.push(['environment_escalation', 'it is a live key']);
  if (scopes.length > 0) reasons.push(['scope_not_held', `it has the scopes ${scopes.join(', ')}`]);
  if (expiry) reasons.push(['expiry_beyond_actor', `it works after ${actor.expiresAt?.toISOString()}`]);
  if (addresses.length > 0) reasons.push(['address_beyond_actor', 'it works from other addresses']);
  if (!actor.isAdmin && areLooser(key.limits, actor.limits)) {
    reasons.push(['limit_beyond_actor', 'its limits are looser']);
  }
  const [first] = reasons;
  if (first === undefined) return;
  throw new HokusaiError(
    'permission_denied',
    `A rotation would give you a secret of ${key.keyPrefix}, which may do more than the acting key: ${reasons.map(([, text]) => text).join('; ')}. Rotate it with the key itself, or with one that may do as much.`,
    { reason: first[0] },
  );
}

function checkGrace(
  key: Key,
  graceMs: number | null,
  defaultGraceMs: number,
  now: Date,
  violations: Violations,
): Date {
  const after = (ms: number) => new Date(now.getTime() + ms);
  if (graceMs === null) return earliest(after(defaultGraceMs), key.expiresAt) ?? now;
  if (!(graceMs >= 0 && graceMs <= GRACE_LIMIT_SECONDS * 1000)) {
    violations.add(PATH, `expected 0 to ${GRACE_LIMIT_SECONDS} seconds, which are 30 days`);
    return now;
  }
  if (key.expiresAt !== null && after(graceMs) > key.expiresAt) {
    violations.add(PATH, `ends after the key itself, which expires on ${key.expiresAt.toISOString()}`);
  }
  return after(graceMs);
}
