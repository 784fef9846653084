/** A new secret for a key: decide, hash, then decide again with the keys locked, and replace the old one. */
import { HokusaiError } from '@hokusai/contracts';
import type { Caller } from '../domain/actor.ts';
import type { IssuingPolicy } from '../domain/create-key.ts';
import type { KeyStore, KeyTransaction } from '../domain/ports.ts';
import { onRoute, type Repetition, type Sealer } from '../domain/repetition.ts';
import { decideRotation } from '../domain/rotate-key.ts';
import { lockKeys, readAttempt, recordChange } from './change-key.ts';
import type { EventFactory } from './events.ts';
import type { AuditRefusals } from './refusals.ts';
import { createSecretReplay, type KeyWithSecret } from './replay.ts';
import { type FreshSecret, makeSecret, type SecretMaker, untilPrefixIsFree } from './store-key.ts';

export interface RotationRequest {
  /** How long the replaced secret goes on working; null: the default, as far as the key lives. */
  graceMs: number | null;
}

/**
 * Throws `permission_denied`, `not_found`, `unprocessable`, `unavailable`, or `conflict` if the key was
 * rotated by somebody else meanwhile; with a repetition, also while the first request is running.
 * Repetitions get the first one's secret again.
 */
export type RotateKey = (
  caller: Caller,
  keyId: string,
  request: RotationRequest,
  repetition: Repetition | null,
) => Promise<KeyWithSecret>;

export interface RotateKeyDependencies {
  store: KeyStore;
  secrets: SecretMaker;
  sealer: Sealer;
  events: EventFactory;
  auditRefusals: AuditRefusals;
  policy: IssuingPolicy;
}

export function createRotateKey(dependencies: RotateKeyDependencies): RotateKey {
  const { store, secrets, events, auditRefusals } = dependencies;
  const { rotationGraceMs } = dependencies.policy;
  const replay = createSecretReplay(dependencies.sealer);

  const rotate: RotateKey = async (caller, keyId, request, asked) => {
    const repetition = onRoute(asked, `RotateKey ${keyId.toLowerCase()}`);
    const answered = repetition && (await store.transaction((tx) => replay.find(tx, caller, repetition)));
    if (answered) return answered;
    const seen = await readAttempt(store, caller, keyId);
    const { key } = decideRotation(seen.actor, seen.target, request.graceMs, rotationGraceMs, seen.now);
    const secret = await makeSecret(secrets, key.environment);
    return store.transaction(async (tx) => {
      const answeredMeanwhile = await replay.findAgain(tx, caller, repetition);
      if (answeredMeanwhile) return answeredMeanwhile;
      await lockKeys(tx, seen);
      await requireSecret(tx, key.id, key.keyPrefix);
      const rotated = await replace(tx, caller, key.id, request, secret);
      await replay.remember(tx, caller, repetition, rotated);
      return rotated;
    });
  };

  async function replace(
    tx: KeyTransaction,
    caller: Caller,
    keyId: string,
    request: RotationRequest,
    secret: FreshSecret,
  ): Promise<KeyWithSecret> {
    const { now, actor, target } = await readAttempt(tx, caller, keyId);
    const { validUntil } = decideRotation(actor, target, request.graceMs, rotationGraceMs, now);
    await tx.rotateKey(keyId, secret.stored, { retiredAt: now, validUntil });
    const previous = target.key.keyPrefix;
    const key = await recordChange(tx, events, {
      ...{ keyId, caller, actor, action: 'key.rotated' },
      facts: (after) => ({
        before: { key_prefix: previous },
        after: { key_prefix: after.keyPrefix, previous_valid_until: validUntil.toISOString() },
      }),
    });
    return { key, plaintext: secret.plaintext };
  }

  return (caller, keyId, request, repetition) =>
    auditRefusals(caller, { action: 'key.rotated', target: { type: 'key', id: keyId } }, () =>
      untilPrefixIsFree(() => rotate(caller, keyId, request, repetition)),
    );
}

/** Of several rotations at once the first wins: nobody's new secret is replaced before they have seen it. */
async function requireSecret(tx: KeyTransaction, keyId: string, keyPrefix: string): Promise<void> {
  const current = (await tx.readKeys([keyId])).get(keyId)?.key.keyPrefix;
  if (current === keyPrefix) return;
  const message = 'This key was rotated by somebody else at the same time: read it, and decide afresh.';
  throw new HokusaiError('conflict', message, { reason: 'concurrent_change' });
}
