/** Stopping keys for good. */
import { decideRevocation, type RevocationRequest } from '../domain/access.ts';
import { type Actor, type Caller, reaches } from '../domain/actor.ts';
import type { Key } from '../domain/key.ts';
import type { KeyStore, KeyTransaction, OutboxEvent } from '../domain/ports.ts';
import type { Receipt, RevocationPoint } from '../domain/receipt.ts';
import { differing, lockKeys, readAttempt } from './change-key.ts';
import type { AuditActor, EventFactory } from './events.ts';
import type { AuditRefusals } from './refusals.ts';

export interface Revocation {
  key: Key;
  /** Descendants included; 0 if everything was revoked before. */
  revokedCount: number;
  /** null if it was not waited for. */
  receipt: Receipt | null;
}

/**
 * Throws `permission_denied`, `not_found`, `unprocessable`, or `unavailable`. The signal ends the wait for
 * gateways, and undoes nothing.
 */
export type RevokeKey = (
  caller: Caller,
  keyId: string,
  request: RevocationRequest,
  signal: AbortSignal,
) => Promise<Revocation>;

export interface RevokeKeyDependencies {
  store: KeyStore;
  events: EventFactory;
  auditRefusals: AuditRefusals;
  /** Waits for the gateways, within bounds. */
  awaitReceipt: (point: RevocationPoint, signal: AbortSignal) => Promise<Receipt>;
}

export function createRevokeKey({
  store,
  events,
  auditRefusals,
  awaitReceipt,
}: RevokeKeyDependencies): RevokeKey {
  async function revoke(tx: KeyTransaction, caller: Caller, keyId: string, request: RevocationRequest) {
    await lockKeys(tx, await readAttempt(tx, caller, keyId));
    const { actor, target } = await readAttempt(tx, caller, keyId);
    const reason = decideRevocation(actor, target, request);
    const family = request.cascade ? await lockDescendants(tx, actor, keyId) : { all: [], reached: [] };
    const before = await tx.readKeys([keyId, ...family.reached]);
    const revoked = await tx.revokeKeys([keyId, ...family.reached], reason);
    const after = await tx.readKeys([keyId, ...revoked]);
    const by = { via: 'gateway', caller, userId: actor.userId } as const;
    const happened = revoked.flatMap((id) =>
      eventsOf(events, present(before.get(id)).key, present(after.get(id)).key, after.now, by),
    );
    if (happened.length > 0) await tx.addEvents(happened);
    const { key } = present(after.get(keyId));
    const point = request.wait
      ? {
          ...(await tx.lastChange([keyId, ...family.all])),
          revokedBeforeAt: revoked.length > 0 ? null : key.revokedAt,
        }
      : null;
    return { key, revokedCount: revoked.length, point };
  }

  return async (caller, keyId, request, signal) => {
    const attempt = { action: 'key.revoked', target: { type: 'key', id: keyId } } as const;
    const { point, ...revocation } = await auditRefusals(caller, attempt, () =>
      store.transaction((tx) => revoke(tx, caller, keyId, request)),
    );
    return { ...revocation, receipt: point && (await awaitReceipt(point, signal)) };
  };
}

/**
 * Locks the descendants that work and that the actor reaches: a member's cascade spares keys of others, and
 * expired keys, of which there may be any number, have nothing to lose. Whoever creates a key or makes one work
 * again shares a lock on the key they act with; so once a look finds no more than what is locked, nothing of the
 * family can be missed.
 */
async function lockDescendants(
  tx: KeyTransaction,
  actor: Actor,
  keyId: string,
): Promise<{ all: string[]; reached: string[] }> {
  for (let known = -1; ; ) {
    const all = await tx.descendantsOf(keyId);
    const active = await tx.lockActiveKeys(all);
    const reached = active.filter(({ userId }) => reaches(actor, userId)).map(({ id }) => id);
    if (active.length === known) return { all, reached };
    known = active.length;
  }
}

function eventsOf(events: EventFactory, before: Key, key: Key, at: Date, by: AuditActor): OutboxEvent[] {
  const audit = events.audit({
    action: 'key.revoked',
    outcome: 'success',
    at,
    by,
    target: { type: 'key', id: key.id, ownerUserId: key.userId },
    ...differing(standingFacts(before), standingFacts(key)),
    reason: key.revokedReason,
  });
  return [audit, events.key('revoked', key, at)];
}

function standingFacts({ isActive, revokedAt }: Key) {
  return { is_active: isActive, revoked_at: revokedAt?.toISOString() ?? null };
}

/** A key that this transaction holds locked can't have gone. */
function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('a key vanished while it was locked');
  return value;
}
