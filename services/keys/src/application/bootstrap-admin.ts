/** Admin keys made on the keys host: the first one, and another when all are lost. */
import { HokusaiError } from '@hokusai/contracts';
import type { BootstrapStore, BootstrapTransaction, KeyDraft } from '../domain/bootstrap-ports.ts';
import type { Limits } from '../domain/key.ts';
import type { NewUser } from '../domain/user.ts';
import type { AuditActor, EventFactory, HostUser } from './events.ts';
import { type FreshSecret, makeSecret, type SecretMaker, storeKey } from './store-key.ts';
import { storeUser } from './users/store-user.ts';

export interface BootstrapDependencies {
  store: BootstrapStore;
  secrets: SecretMaker;
  events: EventFactory;
  limits: Limits;
  newId: () => string;
  /** Writes the plaintext beside the place that it is for, where only its owner can read it. */
  draft: (plaintext: string) => Promise<KeyDraft>;
  by: HostUser;
  /** That person's words; null if they said nothing. */
  reason: string | null;
}

/** Prefix of the key that was made. */
export interface IssuedAdminKey {
  keyPrefix: string;
}

const EXTERNAL_ID = 'hokusai:bootstrap-admin';
const NAME = 'bootstrap admin';

/**
 * Makes the first admin key; null if there is or was one. Replicas that start together make one. It is
 * published before the commit: no key is lost by it, and a process that is killed in between leaves none that
 * nobody has. Should the commit fail, the next start replaces it.
 */
export async function ensureFirstAdminKey(
  dependencies: BootstrapDependencies,
): Promise<IssuedAdminKey | null> {
  const { store, secrets, newId, draft } = dependencies;
  if (await store.hasAdminKey()) return null;
  const secret = await makeSecret(secrets, 'live');
  return store.exclusively(async (tx) => {
    if (await tx.hasAdminKey()) return null;
    await issue(tx, dependencies, newId(), secret);
    await (await draft(secret.plaintext)).publish();
    return { keyPrefix: secret.stored.keyPrefix };
  });
}

/**
 * Makes an admin key in any case. It is published after the commit: in its place there may be a key that works,
 * which gives way only to one that does.
 */
export async function makeAdminKey(dependencies: BootstrapDependencies): Promise<IssuedAdminKey> {
  const { store, secrets, newId } = dependencies;
  const secret = await makeSecret(secrets, 'live');
  const keyId = newId();
  const written: { draft?: KeyDraft } = {};
  try {
    await store.exclusively(async (tx) => {
      await issue(tx, dependencies, keyId, secret);
      written.draft = await dependencies.draft(secret.plaintext);
    });
  } catch (error) {
    if (!written.draft || !(await isCommitted(store, keyId, written.draft))) {
      await written.draft?.discard();
      throw error;
    }
  }
  await written.draft?.publish();
  return { keyPrefix: secret.stored.keyPrefix };
}

/** Of a transaction that failed at its end, when the connection may have broken after the commit. */
async function isCommitted(store: BootstrapStore, keyId: string, draft: KeyDraft): Promise<boolean> {
  try {
    // Waits for that transaction, should it still be under way.
    return await store.exclusively(async (tx) => (await tx.readKeys([keyId])).get(keyId) !== null);
  } catch (cause) {
    const message = `The database went away at the end, so it is not known whether the key was made. It is in ${draft.path}: try it, then remove that file.`;
    throw new HokusaiError('unavailable', message, { cause });
  }
}

async function issue(
  tx: BootstrapTransaction,
  dependencies: BootstrapDependencies,
  keyId: string,
  secret: FreshSecret,
): Promise<void> {
  const { events, limits, reason } = dependencies;
  const userId = (await tx.findActiveAdmin(EXTERNAL_ID)) ?? (await insertAdmin(tx, dependencies));
  await tx.lockUsers([userId]);
  const key = {
    userId,
    createdByKeyId: null,
    name: NAME,
    environment: 'live',
    scopes: ['admin'],
    expiresAt: null,
    limits,
    allowedIps: [],
    metadata: {},
  } as const;
  const by: AuditActor = { via: 'bootstrap', ...dependencies.by };
  await storeKey(tx, events, { id: keyId, key, secret: secret.stored, by, reason });
}

/** A bootstrap admin who was demoted or disabled stays so; then another one takes their place. */
async function insertAdmin(
  tx: BootstrapTransaction,
  { events, newId, by, reason }: BootstrapDependencies,
): Promise<string> {
  const externalId = (await tx.isExternalIdTaken(EXTERNAL_ID)) ? null : EXTERNAL_ID;
  const user: NewUser = {
    id: newId(),
    externalId,
    email: null,
    displayName: 'Administrator',
    role: 'admin',
    rateLimitPerHour: null,
  };
  const admin = await storeUser(tx, events, { user, by: { via: 'bootstrap', ...by }, reason });
  return admin.id;
}
