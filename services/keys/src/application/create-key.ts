/** Making a key: decide, hash, then decide again with everything locked that the decision rests on, and store. */
import { type Actor, admit, type Caller } from '../domain/actor.ts';
import {
  type CreationRequest,
  decideCreation,
  type IssuingPolicy,
  type NewKey,
} from '../domain/create-key.ts';
import type { Key } from '../domain/key.ts';
import type { KeyReader, KeyStore } from '../domain/ports.ts';
import type { EventFactory } from './events.ts';
import type { AuditRefusals } from './refusals.ts';
import { makeSecret, type SecretMaker, storeKey, untilPrefixIsFree } from './store-key.ts';

export interface CreatedKey {
  key: Key;
  /** Answered once and kept nowhere. */
  plaintext: string;
}

/** Throws `permission_denied`, `unprocessable`, or `unavailable`. */
export type CreateKey = (caller: Caller, request: CreationRequest) => Promise<CreatedKey>;

export interface CreateKeyDependencies {
  store: KeyStore;
  secrets: SecretMaker;
  events: EventFactory;
  auditRefusals: AuditRefusals;
  policy: IssuingPolicy;
  newId: () => string;
}

export function createCreateKey(dependencies: CreateKeyDependencies): CreateKey {
  const { store, secrets, events, policy, newId, auditRefusals } = dependencies;

  async function decide(
    reader: KeyReader,
    caller: Caller,
    request: CreationRequest,
  ): Promise<{ actor: Actor; key: NewKey }> {
    const { now, get } = await reader.readKeys([caller.actingKeyId]);
    const actor = admit(caller, get(caller.actingKeyId), now);
    const ownership = await reader.readOwnership(request.userId ?? actor.userId);
    return { actor, key: decideCreation(actor, request, ownership, policy, now) };
  }

  async function create(caller: Caller, request: CreationRequest): Promise<CreatedKey> {
    const before = await decide(store, caller, request);
    const secret = await makeSecret(secrets, before.key.environment);
    const key = await store.transaction(async (tx) => {
      // Else a disabling of the owner, or a cascade from the creator, misses a key that isn't committed yet.
      await tx.lockUsers([before.actor.userId, before.key.userId]);
      await tx.shareKey(caller.actingKeyId);
      const { actor, key } = await decide(tx, caller, request);
      const by = { via: 'gateway', caller, userId: actor.userId } as const;
      return storeKey(tx, events, { id: newId(), key, secret: secret.stored, by });
    });
    return { key, plaintext: secret.plaintext };
  }

  return (caller, request) =>
    auditRefusals(caller, { action: 'key.created', target: null }, () =>
      untilPrefixIsFree(() => create(caller, request)),
    );
}
