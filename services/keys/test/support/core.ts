/** The keys service without its network side, on a real database, with a hash that costs nothing. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts';
import { createPool, type Pool, systemClock, transaction } from '@hokusai/service-kit';
import { eventually } from '@hokusai/testing';
import { type BootstrapDependencies, makeAdminKey } from '../../src/application/bootstrap-admin.ts';
import { createEventFactory } from '../../src/application/events.ts';
import { createKeyManagement } from '../../src/application/key-management.ts';
import type { SecretMaker } from '../../src/application/store-key.ts';
import { createUserManagement } from '../../src/application/users/user-management.ts';
import { createValidateKey } from '../../src/application/validate-key.ts';
import type { Caller } from '../../src/domain/actor.ts';
import type { CreationRequest, IssuingPolicy } from '../../src/domain/create-key.ts';
import { createCursors } from '../../src/domain/cursor.ts';
import { pepperRing } from '../../src/domain/digest.ts';
import type { Key, Role } from '../../src/domain/key.ts';
import { RefusalFolds } from '../../src/domain/refusal-folds.ts';
import { createSealer, type Repetition } from '../../src/domain/repetition.ts';
import type { UpdateRequest } from '../../src/domain/update-key.ts';
import { Receipts } from '../../src/follow/receipts.ts';
import { readRoster } from '../../src/follow/roster.ts';
import { createHasher } from '../../src/hashing/hasher.ts';
import { createProver } from '../../src/hashing/prover.ts';
import { createSecretMaker } from '../../src/hashing/secret-maker.ts';
import { createBootstrapStore } from '../../src/storage/bootstrap-store.ts';
import { createKeyStore } from '../../src/storage/key-store.ts';
import { upgradeSecret } from '../../src/storage/secret-upgrade.ts';
import { createStateReader } from '../../src/storage/state-reader.ts';
import { createUserStore } from '../../src/storage/user-store.ts';

export const policy: IssuingPolicy = {
  defaultLimits: { ratePerHour: 20_000, burst: 100, burstWindowSeconds: 1 },
  maxKeysPerUser: 5,
  defaultTtlMs: null,
  maxTtlMs: null,
  rotationGraceMs: 3_600_000,
};

const creation: CreationRequest = {
  ...{ name: 'test key', userId: null, environment: null, scopes: null, expiresAt: null },
  limits: { ratePerHour: null, burst: null, burstWindowSeconds: null },
  ...{ allowedIps: [], metadata: {} },
};
const update: UpdateRequest = {
  ...{ mask: [], name: '', scopes: [], allowedIps: [], expiresAt: null, metadata: {}, ifVersion: null },
  limits: { ratePerHour: null, burst: null, burstWindowSeconds: null },
};
const revocation = { reason: '', cascade: false, wait: false };

const FIELDS: Readonly<Record<string, string[]>> = {
  ...{ name: ['name'], scopes: ['scopes'], metadata: ['metadata'] },
  limits: ['rate_limit_per_hour', 'burst_limit', 'burst_window_seconds'],
  ...{ allowedIps: ['allowed_ips'], expiresAt: ['expires_at'] },
};

export interface CoreOptions {
  peppers?: readonly { id: string; secret: Buffer }[];
  mint?: SecretMaker['mint'];
  /** For how long revocations wait for gateways. */
  waitLimitMs?: number;
  /** Folds refusals that follow one of their kind within so long; none if absent. */
  refusalFoldMs?: number;
}

const commonPepper = { id: 'p', secret: randomBytes(32) };

/** A key with whatever a test needs to act as it. */
export interface IssuedKey {
  key: Key;
  plaintext: string;
  caller: Caller;
}

export type Core = ReturnType<typeof openCore>;

export function openCore(databaseUrl: string, options: CoreOptions = {}) {
  const pool = createPool({
    connectionString: databaseUrl,
    max: 20,
    applicationName: 'hokusai-keys-test',
    onError: () => {},
  });
  const peppers = pepperRing(options.peppers ?? [commonPepper]);
  const real = createHasher(
    { memoryKib: 8, timeCost: 1, parallelism: 1 },
    { concurrency: 2, queueLimit: 100, retryAfterSeconds: 1 },
  );
  const counts = { verify: 0 };
  const hasher = {
    ...real,
    isIdle: true,
    verify: (phc: string, key: string) => {
      counts.verify++;
      return real.verify(phc, key);
    },
  };
  const made = createSecretMaker({ tags: [], peppers, hasher, random: randomBytes });
  const secrets = { ...made, ...(options.mint && { mint: options.mint }) };
  const sealer = createSealer(peppers, randomBytes);
  const cursors = createCursors(peppers);
  const newId = () => randomUUID() as string;
  const events = createEventFactory('/hokusai/keys/test', newId);
  const store = createKeyStore(pool, policy.defaultLimits);
  const reader = createStateReader(pool, policy.defaultLimits);
  const prover = createProver({
    hasher,
    peppers,
    upgrade: (secret, upgrade) => upgradeSecret(pool, secret, upgrade),
    onUpgradeError: (error) => assert.fail(String(error)),
  });
  const receipts = new Receipts({
    readRoster: () => readRoster(pool),
    clock: systemClock,
    ...(options.waitLimitMs !== undefined && { limitMs: options.waitLimitMs }),
  });
  const awaitReceipt = receipts.waitFor.bind(receipts);
  const folding = {
    refusalFolds: new RefusalFolds(options.refusalFoldMs ?? 0),
    monotonic: () => systemClock.monotonic(),
  };
  const management = createKeyManagement({
    ...{ store, secrets, sealer, cursors, events, policy, newId, awaitReceipt, ...folding },
  });
  const userStore = createUserStore(pool, policy.defaultLimits);
  const users = createUserManagement({ store: userStore, sealer, cursors, events, newId, ...folding });

  const issue = async (
    by: IssuedKey,
    request: Partial<CreationRequest> = {},
    repetition: Repetition | null = null,
  ): Promise<IssuedKey> => {
    const created = await management.createKey(by.caller, { ...creation, ...request }, repetition);
    return { ...created, caller: callerOf(created.key) };
  };

  /** The mask names what is given, unless one is given too. */
  const change = (by: IssuedKey, id: string, request: Partial<UpdateRequest>) => {
    const mask = Object.keys(request).flatMap((name) => FIELDS[name] ?? []);
    return management.updateKey(by.caller, id, { ...update, mask, ...request });
  };

  const rotate = async (
    by: IssuedKey,
    id: string,
    graceMs: number | null = null,
    repetition: Repetition | null = null,
  ): Promise<IssuedKey> => {
    const rotated = await management.rotateKey(by.caller, id, { graceMs }, repetition);
    return { ...rotated, caller: callerOf(rotated.key) };
  };

  return {
    ...{ change, rotate },
    endSecret: (by: IssuedKey, id: string, keyPrefix: string) =>
      management.endRetiredSecret(by.caller, id, keyPrefix),
    ...{ pool, store, events, cursors, counts, prover, management, users, reader, issue },
    validateKey: createValidateKey(reader, prover.prove),
    receipts,
    revoke: (
      by: IssuedKey,
      id: string,
      request: Partial<typeof revocation> = {},
      signal = new AbortController().signal,
    ) => management.revokeKey(by.caller, id, { ...revocation, ...request }, signal),
    bootstrapAdmin: (given: Partial<BootstrapDependencies> = {}) =>
      bootstrapAdmin(pool, { secrets, events, newId, ...given }),
    addUser: (role: Role = 'member') => addUser(pool, role),
    /** A key of a new member, who can manage keys with it. */
    memberKey: async (by: IssuedKey) => {
      const scopes = ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
      return issue(by, { userId: await addUser(pool, 'member'), scopes });
    },
    close: async () => {
      await prover.settled();
      await pool.end();
    },
  };
}

async function bootstrapAdmin(
  pool: Pool,
  given: Partial<BootstrapDependencies> & Pick<BootstrapDependencies, 'secrets' | 'events' | 'newId'>,
): Promise<IssuedKey> {
  let plaintext = '';
  const { keyPrefix } = await makeAdminKey({
    store: createBootstrapStore(pool, policy.defaultLimits),
    limits: policy.defaultLimits,
    by: { osUser: 'tester', host: 'test-host' },
    reason: null,
    draft: (key) => {
      plaintext = key;
      return Promise.resolve({ path: '', publish: async () => {}, discard: async () => {} });
    },
    ...given,
  });
  const answer = await createStateReader(pool, policy.defaultLimits).readSecret(keyPrefix);
  assert.ok(answer.found);
  return { key: answer.found.key, plaintext, caller: callerOf(answer.found.key) };
}

async function addUser(pool: Pool, role: Role): Promise<string> {
  const id = randomUUID();
  await pool.query('insert into users (id, display_name, role) values ($1, $2, $3)', [id, 'Somebody', role]);
  return id;
}

function callerOf(key: Pick<Key, 'id' | 'keyPrefix'>): Caller {
  return {
    ...{ actingKeyId: key.id, actingKeyPrefix: key.keyPrefix, requestId: 'request-1', clientIp: '192.0.2.7' },
    ...{ service: 'gateway', userAgent: 'test/1.0', traceId: '0af7651916cd43dd8448eb211c80319c' },
  };
}

export interface StoredEvent {
  id: string;
  subject: string;
  payload: { data: Record<string, unknown> };
}

/** The outbox, in the order of writing. */
export async function outbox(pool: Pool): Promise<StoredEvent[]> {
  return (await pool.query<StoredEvent>('select id, subject, payload from outbox order by seq')).rows;
}

/** What was refused: code and reason. */
export async function refusal(work: Promise<unknown>): Promise<[code: string, reason: string | undefined]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HokusaiError) return [error.code, error.reason];
    throw error;
  }
  return assert.fail('was allowed');
}

/** Resolves when so many sessions of this database wait for another's lock. */
export async function waitingForLock(pool: Pool, sessions = 1): Promise<void> {
  const waiting =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  await eventually(async () => assert.ok(Number((await pool.query(waiting)).rowCount) >= sessions));
}

/** Holds a key's row locked until it is let go. */
export async function holdKey(pool: Pool, keyId: string): Promise<() => Promise<void>> {
  const [held, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = transaction(pool, async (client) => {
    await client.query('select from api_keys where id = $1 for update', [keyId]);
    held.resolve();
    await release.promise;
  });
  await Promise.race([held.promise, holding]);
  return () => {
    release.resolve();
    return holding;
  };
}

/** The versions of a key that followers heard of, rising. */
export async function versionsTold(pool: Pool, keyId: string): Promise<bigint[]> {
  const text = 'select version from key_changes where key_id = $1 order by version';
  const { rows } = await pool.query<{ version: string }>(text, [keyId]);
  return rows.map(({ version }) => BigInt(version));
}

/** Runs some work, and answers what was written to the outbox meanwhile. */
export async function eventsOf(pool: Pool, work: () => Promise<unknown>): Promise<StoredEvent[]> {
  const before = new Set((await outbox(pool)).map(({ id }) => id));
  await work();
  return (await outbox(pool)).filter(({ id }) => !before.has(id));
}
