/** Ending the grace of a secret that a rotation replaced. */
import type { Caller } from '../domain/actor.ts';
import type { Key } from '../domain/key.ts';
import type { KeyStore, KeyTransaction } from '../domain/ports.ts';
import { decideSecretEnd } from '../domain/rotate-key.ts';
import { lockKeys, readAttempt, recordChange } from './change-key.ts';
import type { EventFactory } from './events.ts';
import type { AuditRefusals } from './refusals.ts';

/**
 * Throws `permission_denied`, `not_found`, or `unavailable`. A grace that has ended stays as it was, and the
 * answer is the same.
 */
export type EndRetiredSecret = (caller: Caller, keyId: string, keyPrefix: string) => Promise<Key>;

export interface EndRetiredSecretDependencies {
  store: KeyStore;
  events: EventFactory;
  auditRefusals: AuditRefusals;
}

export function createEndRetiredSecret(dependencies: EndRetiredSecretDependencies): EndRetiredSecret {
  const { store, events, auditRefusals } = dependencies;

  async function end(tx: KeyTransaction, caller: Caller, keyId: string, keyPrefix: string): Promise<Key> {
    await lockKeys(tx, await readAttempt(tx, caller, keyId));
    const { now, actor, target } = await readAttempt(tx, caller, keyId);
    const { key, secret } = decideSecretEnd(actor, target, keyPrefix);
    if (secret.validUntil <= now) return key;
    await tx.endRetiredSecret(key.id, keyPrefix, now);
    return recordChange(tx, events, {
      ...{ keyId: key.id, caller, actor, action: 'key.secret_ended' },
      facts: () => ({
        before: { retired_secrets: { [keyPrefix]: { valid_until: secret.validUntil.toISOString() } } },
        after: { retired_secrets: { [keyPrefix]: { valid_until: now.toISOString() } } },
      }),
    });
  }

  return (caller, keyId, keyPrefix) =>
    auditRefusals(caller, { action: 'key.secret_ended', target: { type: 'key', id: keyId } }, () =>
      store.transaction((tx) => end(tx, caller, keyId, keyPrefix)),
    );
}
