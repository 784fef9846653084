/** Making a key: decide, hash, then decide again with everything locked that the decision rests on, and store. */
import { type Actor, admit, type Caller } from '../domain/actor.ts';
import {
  type CreationRequest,
  decideCreation,
  type IssuingPolicy,
  type NewKey,
} from '../domain/create-key.ts';
import type { KeyReader, KeyStore } from '../domain/ports.ts';
import { onRoute, type Repetition, type Sealer } from '../domain/repetition.ts';
import type { EventFactory } from './events.ts';
import type { AuditRefusals } from './refusals.ts';
import { createSecretReplay, type KeyWithSecret } from './replay.ts';
import { makeSecret, type SecretMaker, storeKey, untilPrefixIsFree } from './store-key.ts';

/**
 * Throws `permission_denied`, `unprocessable`, or `unavailable`; with a repetition, also `conflict` while
 * the first request is running. Repetitions get the first one's key and plaintext again.
 */
export type CreateKey = (
  caller: Caller,
  request: CreationRequest,
  repetition: Repetition | null,
) => Promise<KeyWithSecret>;

export interface CreateKeyDependencies {
  store: KeyStore;
  secrets: SecretMaker;
  sealer: Sealer;
  events: EventFactory;
  auditRefusals: AuditRefusals;
  policy: IssuingPolicy;
  newId: () => string;
}

export function createCreateKey(dependencies: CreateKeyDependencies): CreateKey {
  const { store, secrets, events, policy, newId, auditRefusals } = dependencies;
  const replay = createSecretReplay(dependencies.sealer);

  async function decide(
    reader: KeyReader,
    caller: Caller,
    request: CreationRequest,
  ): Promise<{ actor: Actor; key: NewKey }> {
    const { now, get } = await reader.readKeys([caller.actingKeyId]);
    const actor = admit(caller, get(caller.actingKeyId), now);
    const ownership = await reader.readOwnership(request.userId ?? actor.userId, policy.maxKeysPerUser);
    return { actor, key: decideCreation(actor, request, ownership, policy, now) };
  }

  const create: CreateKey = async (caller, request, asked) => {
    const repetition = onRoute(asked, 'CreateKey');
    const answered = repetition && (await store.transaction((tx) => replay.find(tx, caller, repetition)));
    if (answered) return answered;
    const before = await decide(store, caller, request);
    const secret = await makeSecret(secrets, before.key.environment);
    return store.transaction(async (tx) => {
      const answeredMeanwhile = await replay.findAgain(tx, caller, repetition);
      if (answeredMeanwhile) return answeredMeanwhile;
      // Else a disabling of the owner, or a cascade from the creator, misses a key that isn't committed yet.
      await tx.lockUsers([before.actor.userId, before.key.userId]);
      await tx.shareKey(caller.actingKeyId);
      const { actor, key: decided } = await decide(tx, caller, request);
      const by = { via: 'gateway', caller, userId: actor.userId } as const;
      const key = await storeKey(tx, events, { id: newId(), key: decided, secret: secret.stored, by });
      const created = { key, plaintext: secret.plaintext };
      await replay.remember(tx, caller, repetition, created);
      return created;
    });
  };

  return (caller, request, repetition) =>
    auditRefusals(caller, { action: 'key.created', target: null }, () =>
      untilPrefixIsFree(() => create(caller, request, repetition)),
    );
}
