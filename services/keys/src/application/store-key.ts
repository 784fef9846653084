/** What every way of making a key has in common: a secret with its verifiers, and the row with its events. */
import { HokusaiError } from '@hokusai/contracts';
import type { MintedKey } from '@hokusai/key-format';
import type { NewKey } from '../domain/create-key.ts';
import type { Digest } from '../domain/digest.ts';
import type { Environment, Key } from '../domain/key.ts';
import type { KeyTransaction, NewSecret } from '../domain/ports.ts';
import { type AuditActor, type EventFactory, keyFacts } from './events.ts';

export interface SecretMaker {
  mint(environment: Environment): MintedKey;
  /** Argon2id, PHC string. Throws `unavailable` if too many hashes wait already. */
  hash(key: string): Promise<string>;
  digest(key: string): Digest;
}

export interface FreshSecret {
  stored: NewSecret;
  plaintext: string;
}

/** Hashing takes some 20 ms: not while holding locks. */
export async function makeSecret(secrets: SecretMaker, environment: Environment): Promise<FreshSecret> {
  const { key, prefix } = secrets.mint(environment);
  const stored = { keyPrefix: prefix, hash: await secrets.hash(key), ...secrets.digest(key) };
  return { stored, plaintext: key };
}

export interface KeyToStore {
  id: string;
  key: NewKey;
  secret: NewSecret;
  by: AuditActor;
  /** A person's words. */
  reason?: string | null;
}

/** Stores a key with its audit event and key event; answers it as stored. */
export async function storeKey(
  tx: KeyTransaction,
  events: EventFactory,
  { id, key, secret, by, reason = null }: KeyToStore,
): Promise<Key> {
  await tx.insertKey(id, key, secret);
  const { now, get } = await tx.readKeys([id]);
  const created = get(id)?.key;
  if (created === undefined) throw new Error(`key ${id} is not there right after its creation`);
  const audit = events.audit({
    action: 'key.created',
    outcome: 'success',
    at: now,
    by,
    target: { type: 'key', id, ownerUserId: created.userId },
    after: keyFacts(created),
    reason,
  });
  await tx.addEvents([audit, events.key('created', created, now)]);
  return created;
}

const MINTINGS = 3;

/** Runs `attempt` again with another secret if its prefix is taken, which once in 10²¹ times it is. */
export async function untilPrefixIsFree<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = MINTINGS - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      const isTaken = error instanceof HokusaiError && error.reason === 'prefix_taken';
      if (!isTaken || left === 0) throw error;
    }
  }
}
