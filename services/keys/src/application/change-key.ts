/** What every change of one existing key has in common: who acts on what, and the locks that the decision needs. */
import { decideChange } from '../domain/access.ts';
import { type Actor, admit, type Caller } from '../domain/actor.ts';
import type { JsonObject, Key, OwnedKey } from '../domain/key.ts';
import type { KeyReader, KeyTransaction } from '../domain/ports.ts';
import type { AuditEntry, EventFactory } from './events.ts';

export interface Attempt {
  /** The database's clock at the read. */
  now: Date;
  actor: Actor;
  target: OwnedKey;
}

/** Reads afresh who acts on what. Throws `unauthenticated`, `permission_denied` or `not_found`. */
export async function readAttempt(reader: KeyReader, caller: Caller, keyId: string): Promise<Attempt> {
  const { now, get } = await reader.readKeys([caller.actingKeyId, keyId]);
  const actor = admit(caller, get(caller.actingKeyId), now);
  return { now, actor, target: decideChange(actor, get(keyId)) };
}

/**
 * Keeps the acting key as it is, and the other one for a change: once a key was revoked, or its owner
 * disabled, nothing that it had begun is completed. In the order of ids, as everyone does.
 */
export async function lockKeys(tx: KeyTransaction, { actor, target }: Attempt): Promise<void> {
  for (const id of [...new Set([actor.keyId, target.key.id])].sort()) {
    await (id === target.key.id ? tx.lockKey(id) : tx.shareKey(id));
  }
}

/** Reads a changed key, and leaves its events behind. `facts` is what differs. */
export async function recordChange(
  tx: KeyTransaction,
  events: EventFactory,
  change: {
    keyId: string;
    caller: Caller;
    actor: Actor;
    action: 'key.updated' | 'key.rotated' | 'key.secret_ended';
    facts: (after: Key) => Required<Pick<AuditEntry, 'before' | 'after'>>;
  },
): Promise<Key> {
  const { now, get } = await tx.readKeys([change.keyId]);
  const key = get(change.keyId)?.key;
  if (key === undefined) throw new Error('a key vanished while it was locked');
  const audit = events.audit({
    action: change.action,
    outcome: 'success',
    at: now,
    by: { via: 'gateway', caller: change.caller, userId: change.actor.userId },
    target: { type: 'key', id: key.id, ownerUserId: key.userId },
    ...change.facts(key),
  });
  const keyEvent = change.action === 'key.rotated' ? 'rotated' : 'updated';
  await tx.addEvents([audit, events.key(keyEvent, key, now)]);
  return key;
}

/** The facts that differ. */
export function differing(before: JsonObject, after: JsonObject): { before: JsonObject; after: JsonObject } {
  const names = Object.keys(after).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (facts: JsonObject) =>
    Object.fromEntries(names.map((name) => [name, facts[name] ?? null])) as JsonObject;
  return { before: pick(before), after: pick(after) };
}
