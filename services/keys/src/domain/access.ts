/** Decisions about keys that exist: who may see them, list them, revoke them. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { REASON_LIMIT } from '@hokusai/contracts/fields';
import { type Actor, type Reach, reaches, requireScope } from './actor.ts';
import type { OwnedKey } from './key.ts';
import { checkLine } from './text.ts';
import { Violations } from './violations.ts';

/** The key, if the actor may see it. */
export function decideRead(actor: Actor, target: OwnedKey | null): OwnedKey {
  requireScope(actor, 'keys:read');
  return reachable(actor, target);
}

/** To whose keys a list is confined; null: to nobody's. */
export function decideListing(actor: Actor): string | null {
  requireScope(actor, 'keys:read');
  return actor.isAdmin ? null : actor.userId;
}

export interface RevocationRequest {
  reason: string;
  cascade: boolean;
  /** Answer when all gateways know of it, with a receipt. */
  wait: boolean;
}

/** Checks a revocation; answers the reason to store, null for none. */
export function decideRevocation(
  actor: Actor,
  target: OwnedKey | null,
  request: RevocationRequest,
): string | null {
  decideChange(actor, target);
  const violations = new Violations();
  const reason = checkLine(
    request.reason,
    { path: 'reason', limit: REASON_LIMIT, required: false },
    violations,
  );
  violations.throwIfAny();
  return reason === '' ? null : reason;
}

/** The key, if the actor may change it. */
export function decideChange(actor: Actor, target: OwnedKey | null): OwnedKey {
  requireScope(actor, 'keys:write');
  return reachable(actor, target);
}

/** An unknown key and one of somebody else answer the same: nobody learns which ids exist. */
export function reachable(reach: Reach, target: OwnedKey | null): OwnedKey {
  if (target !== null && reaches(reach, target.owner.userId)) return target;
  throw new HokusaiError('not_found', 'There is no such key, or it is not yours.', {
    reason: 'key_not_found',
  });
}
