/** Admin keys made on the keys host: the first one, and another when all are lost. */
import type { BootstrapStore, BootstrapTransaction } from '../domain/bootstrap-ports.ts';
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
  /** Puts the plaintext where only its owner can read it. */
  deliver: (plaintext: string) => Promise<void>;
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

/** Makes the first admin key; null if there is or was one. Replicas that start together make one. */
export async function ensureFirstAdminKey(
  dependencies: BootstrapDependencies,
): Promise<IssuedAdminKey | null> {
  const { store, secrets } = dependencies;
  if (await store.hasAdminKey()) return null;
  const secret = await makeSecret(secrets, 'live');
  return store.exclusively(async (tx) => ((await tx.hasAdminKey()) ? null : issue(tx, dependencies, secret)));
}

/** Makes an admin key in any case. */
export async function makeAdminKey(dependencies: BootstrapDependencies): Promise<IssuedAdminKey> {
  const secret = await makeSecret(dependencies.secrets, 'live');
  return dependencies.store.exclusively((tx) => issue(tx, dependencies, secret));
}

/**
 * Delivers before the commit: should that fail, a key that nobody has is not left behind, and the one in
 * the file is replaced at the next start.
 */
async function issue(
  tx: BootstrapTransaction,
  dependencies: BootstrapDependencies,
  secret: FreshSecret,
): Promise<IssuedAdminKey> {
  const { events, limits, newId, deliver, reason } = dependencies;
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
  await storeKey(tx, events, { id: newId(), key, secret: secret.stored, by, reason });
  await deliver(secret.plaintext);
  return { keyPrefix: secret.stored.keyPrefix };
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
