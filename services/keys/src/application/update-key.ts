/** Changing what a key is called, may do, and is bound by. */
import type { Caller } from '../domain/actor.ts';
import type { IssuingPolicy } from '../domain/create-key.ts';
import { type JsonObject, type Key, standingOf } from '../domain/key.ts';
import type { KeyStore, KeyTransaction } from '../domain/ports.ts';
import { changesOf, decideUpdate, type UpdateRequest } from '../domain/update-key.ts';
import { differing, lockKeys, readAttempt, recordChange } from './change-key.ts';
import { type EventFactory, keyFacts } from './events.ts';
import type { AuditRefusals } from './refusals.ts';

/**
 * Throws `permission_denied`, `not_found`, `unprocessable`, `unavailable`, or `conflict` if the key has
 * another version than the change is meant for. What changes nothing leaves no trace.
 */
export type UpdateKey = (caller: Caller, keyId: string, request: UpdateRequest) => Promise<Key>;

export interface UpdateKeyDependencies {
  store: KeyStore;
  events: EventFactory;
  auditRefusals: AuditRefusals;
  policy: IssuingPolicy;
}

export function createUpdateKey(dependencies: UpdateKeyDependencies): UpdateKey {
  const { store, events, auditRefusals, policy } = dependencies;

  async function update(tx: KeyTransaction, caller: Caller, keyId: string, request: UpdateRequest) {
    const seen = await readAttempt(tx, caller, keyId);
    // The owner may have so many working keys: a key that works again must not slip past that.
    await tx.lockUsers([seen.target.owner.userId]);
    await lockKeys(tx, seen);
    const { now, actor, target } = await readAttempt(tx, caller, keyId);
    const { key } = target;
    const creator = key.createdByKeyId && (await tx.readKeys([key.createdByKeyId])).get(key.createdByKeyId);
    const isWaking = standingOf(key, now) === 'expired';
    const ownership = isWaking ? await tx.readOwnership(key.userId, policy.maxKeysPerUser) : null;
    const context = { policy, creator: creator || null, workingKeys: ownership?.workingKeys ?? 0, now };
    const changes = changesOf(key, decideUpdate(actor, target, request, context));
    if (changes === undefined) return key;
    await tx.updateKey(key.id, changes);
    return recordChange(tx, events, {
      ...{ keyId: key.id, caller, actor, action: 'key.updated' },
      facts: (after) => factsOfChange(key, after, changes.metadata !== undefined),
    });
  }

  return (caller, keyId, request) =>
    auditRefusals(caller, { action: 'key.updated', target: { type: 'key', id: keyId } }, () =>
      store.transaction((tx) => update(tx, caller, keyId, request)),
    );
}

/** Metadata may be personal: only that they changed is said. */
function factsOfChange(before: Key, after: Key, metadataChanged: boolean) {
  const facts = differing(keyFacts(before), keyFacts(after));
  const note: JsonObject = metadataChanged ? { metadata_changed: true } : {};
  return { before: facts.before, after: { ...facts.after, ...note } };
}
