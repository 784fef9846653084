/** Stopping keys for good. */
import { decideRevocation, type RevocationRequest } from '../domain/access.ts';
import { type Actor, admit, type Caller, reaches } from '../domain/actor.ts';
import type { Key } from '../domain/key.ts';
import type { KeyStore, KeyTransaction, OutboxEvent } from '../domain/ports.ts';
import type { Receipt, RevocationPoint } from '../domain/receipt.ts';
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
    const { now, get } = await tx.readKeys([caller.actingKeyId, keyId]);
    const actor = admit(caller, get(caller.actingKeyId), now);
    const reason = decideRevocation(actor, get(keyId), request);
    await tx.lockKey(keyId);
    const descendants = request.cascade ? await lockDescendants(tx, actor, keyId) : [];
    const before = await tx.readKeys([keyId, ...descendants]);
    const revoked = await tx.revokeKeys([keyId, ...descendants], reason);
    const after = await tx.readKeys([keyId, ...revoked]);
    const by = { via: 'gateway', caller, userId: actor.userId } as const;
    const happened = revoked.flatMap((id) =>
      eventsOf(events, present(before.get(id)).key, present(after.get(id)).key, after.now, by),
    );
    if (happened.length > 0) await tx.addEvents(happened);
    const { key } = present(after.get(keyId));
    const point = request.wait
      ? {
          ...(await tx.lastChange([keyId, ...descendants])),
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
 * Generation by generation: whoever creates a key shares a lock on its creator, so once a generation is
 * locked no child of it can be missed. A member's cascade spares keys of others.
 */
async function lockDescendants(tx: KeyTransaction, actor: Actor, keyId: string): Promise<string[]> {
  const found = new Set<string>();
  for (let generation = [keyId]; generation.length > 0; ) {
    const children = await tx.lockChildren(generation);
    generation = children.filter((id) => id !== keyId && !found.has(id));
    for (const id of generation) found.add(id);
  }
  const { get } = await tx.readKeys([...found]);
  return [...found].filter((id) => reaches(actor, present(get(id)).owner.userId));
}

function eventsOf(events: EventFactory, before: Key, key: Key, at: Date, by: AuditActor): OutboxEvent[] {
  const audit = events.audit({
    action: 'key.revoked',
    outcome: 'success',
    at,
    by,
    target: { type: 'key', id: key.id },
    before: { is_active: before.isActive, revoked_at: null },
    after: { is_active: false, revoked_at: key.revokedAt?.toISOString() ?? null },
    reason: key.revokedReason,
  });
  return [audit, events.key('revoked', key, at)];
}

/** A key that this transaction holds locked can't have gone. */
function present<Value>(value: Value | null): Value {
  if (value === null) throw new Error('a key vanished while it was locked');
  return value;
}
