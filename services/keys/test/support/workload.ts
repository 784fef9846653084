/** Many clients that manage the same keys at the same time, and what each of them was answered. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type ErrorCode, HokusaiError, type ServiceClient, type services } from '@hokusai/contracts';
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';

/** Clients of one replica. */
export interface ReplicaClients {
  keys: ServiceClient<typeof services.keyManagement>;
  users: ServiceClient<typeof services.userManagement>;
  validation: ServiceClient<typeof services.keyValidation>;
}

export interface Account {
  userId: string;
  /** A key of the user that manages keys, and is itself left alone. */
  actingKeyId: string;
}

type KeyOperation =
  | 'create'
  | 'update'
  | 'rescope'
  | 'expire'
  | 'revive'
  | 'rotate'
  | 'end'
  | 'revoke'
  | 'cascade'
  | 'validate';
export type Operation = KeyOperation | 'disable' | 'enable';

/** How often each is chosen, in relation to the others. */
const WEIGHTS: Readonly<Record<Operation, number>> = {
  ...{ create: 24, update: 14, rescope: 8, expire: 4, revive: 6, rotate: 22, end: 8, revoke: 4, cascade: 3 },
  ...{ disable: 4, enable: 6, validate: 14 },
};
const CHOICES = (Object.keys(WEIGHTS) as Operation[]).flatMap((operation) =>
  Array<Operation>(WEIGHTS[operation]).fill(operation),
);

export interface Step {
  requestId: string;
  operation: Operation;
  /** The Idempotency-Key that it shares with another step; without one it has none. */
  attempt?: string;
  /** Of the key or user that it was done to; empty for a key that was not created. */
  target: string;
  outcome: 'done' | ErrorCode;
  /** As the key was answered. */
  key?: Key__Output;
  /** Of a created or rotated key. */
  plaintext?: string;
  revokedCount?: number;
  /** Answered by a change of a user. */
  disabledAt?: unknown;
}

interface SharedKey {
  id: string;
  userId: string;
  /** By prefix: the newest is last. */
  secrets: Map<string, string>;
  version: string;
}

export interface World {
  replicas: readonly ReplicaClients[];
  admin: Account;
  members: readonly Account[];
  /** From 0 to below 1. */
  random(): number;
}

export interface Workload {
  /** In no particular order. */
  steps: readonly Step[];
  keys: readonly SharedKey[];
  /** Where a client was answered an older version of a key than it had seen. */
  regressions: readonly string[];
}

/** Runs so many clients; each goes on until `isEnough` of the steps that it has taken. */
export async function runClients(
  world: World,
  clients: number,
  isEnough: (steps: number) => boolean,
): Promise<Workload> {
  const keys: SharedKey[] = [];
  const steps: Step[] = [];
  const regressions: string[] = [];
  const client = async (number: number) => {
    const seen = new Map<string, bigint>();
    for (let taken = 0; !isEnough(taken); taken++) {
      const replica = world.replicas[(number + taken) % world.replicas.length] as ReplicaClients;
      const operation = keys.length < clients ? 'create' : pick(world, CHOICES);
      const isTwice = (operation === 'create' || operation === 'rotate') && world.random() < 0.25;
      const made = await (isTwice ? takeTwice : takeOnce)(world, replica, keys, operation);
      steps.push(...made);
      regressions.push(...made.flatMap((step) => regressionOf(step, seen) ?? []));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return { steps, keys, regressions };
}

const CHANGES: readonly Operation[] = ['update', 'rotate', 'revoke'];

/** What one client reads of a key never goes back; what it changed is newer than all that it had read. */
function regressionOf(
  { operation, attempt, key, revokedCount }: Step,
  seen: Map<string, bigint>,
): string | undefined {
  if (!key) return undefined;
  const [version, last] = [BigInt(key.version), seen.get(key.id) ?? 0n];
  seen.set(key.id, version > last ? version : last);
  // Of two at once either may have been answered first.
  if (attempt !== undefined) return undefined;
  const isChange = CHANGES.includes(operation) && revokedCount !== 0;
  const isRising = isChange ? version > last : version >= last;
  return isRising ? undefined : `${operation}: version ${version} of key ${key.id} after ${last}`;
}

async function takeOnce(world: World, replica: ReplicaClients, keys: SharedKey[], operation: Operation) {
  return [await takeStep(world, replica, chosenFor(world, keys, operation), keys, operation)];
}

/** The same request twice at once, at two replicas, under one Idempotency-Key. */
function takeTwice(world: World, _: ReplicaClients, keys: SharedKey[], operation: Operation) {
  const chosen = chosenFor(world, keys, operation);
  const attempt = randomUUID();
  return Promise.all(
    world.replicas.slice(0, 2).map((replica) => takeStep(world, replica, chosen, keys, operation, attempt)),
  );
}

interface Chosen {
  user: Account;
  /** Of a creation: its parent, if it has one. */
  key: SharedKey | undefined;
  actingKeyId: string;
  gracePeriod: { seconds: number } | null;
}

function chosenFor(world: World, keys: SharedKey[], operation: Operation): Chosen {
  const isChild = operation === 'create' && keys.length > 0 && world.random() < 0.4;
  const key = operation !== 'create' || isChild ? pick(world, keys) : undefined;
  const user = pick(world, world.members);
  const owner = world.members.find(({ userId }) => userId === (key?.userId ?? user.userId)) ?? user;
  const isAboutUser = operation === 'disable' || operation === 'enable';
  const by = isAboutUser || world.random() < 0.6 ? world.admin : owner;
  const seconds = pick(world, GRACES);
  return {
    user: isChild ? owner : user,
    key,
    actingKeyId: isChild && key ? key.id : by.actingKeyId,
    gracePeriod: seconds === null ? null : { seconds },
  };
}

async function takeStep(
  world: World,
  replica: ReplicaClients,
  { user, key, actingKeyId, gracePeriod }: Chosen,
  keys: SharedKey[],
  operation: Operation,
  attempt?: string,
): Promise<Step> {
  const isAboutUser = operation === 'disable' || operation === 'enable';
  const keyId = operation === 'create' ? '' : (key?.id ?? '');
  const target = isAboutUser ? user.userId : keyId;
  const requestId = randomUUID();
  const step = { requestId, operation, target, ...(attempt !== undefined && { attempt }) };
  const caller = { actingKeyId, requestId };
  const idempotency = attempt === undefined ? null : { key: attempt, fingerprint: Buffer.alloc(32, attempt) };
  const task = { world, replica, caller, user, keys, key: key as SharedKey, gracePeriod, idempotency };
  try {
    const answer = isAboutUser
      ? await changeUser(replica, caller, user.userId, operation === 'disable')
      : await WORK[operation](task);
    return { ...step, ...answer, target: answer.key?.id ?? target, outcome: 'done' };
  } catch (error) {
    if (!(error instanceof HokusaiError)) throw error;
    return { ...step, outcome: error.code };
  }
}

type Answer = Pick<Step, 'key' | 'plaintext' | 'revokedCount' | 'disabledAt'>;

interface Task {
  world: World;
  replica: ReplicaClients;
  caller: { actingKeyId: string; requestId: string };
  user: Account;
  keys: SharedKey[];
  key: SharedKey;
  gracePeriod: { seconds: number } | null;
  idempotency: { key: string; fingerprint: Buffer } | null;
}

/** All of them let the key create others. */
const SCOPES = [
  ['mlflow:read', 'keys:write'],
  ['mlflow:read', 'mlflow:write', 'keys:write'],
];

/** Graces in seconds; null: the default, a day. */
const GRACES = [null, 0, 3600];

const WORK: Readonly<Record<KeyOperation, (task: Task) => Promise<Answer>>> = {
  create: async ({ replica, caller, user, keys, idempotency }) => {
    const name = idempotency?.key ?? caller.requestId;
    const request = {
      caller,
      name,
      userId: user.userId,
      scopes: { scopes: SCOPES[0] as string[] },
      idempotency,
    };
    const { key, plaintext } = await replica.keys.call('CreateKey', request);
    assert.ok(key);
    const secrets = new Map([[key.keyPrefix, plaintext]]);
    if (keys.some(({ id }) => id === key.id)) return { key, plaintext };
    keys.push({ id: key.id, userId: key.userId, secrets, version: key.version });
    return { key, plaintext };
  },
  update: async ({ world, replica, caller, key }) => {
    const change = { updateMask: { paths: ['name'] }, name: caller.requestId };
    const ifVersion = world.random() < 0.3 ? key.version : '0';
    const request = { caller, keyId: key.id, ...change, ifVersion };
    return remembered(key, (await replica.keys.call('UpdateKey', request)).key);
  },
  rescope: ({ world, ...task }) => set(task, { scopes: pick(world, SCOPES) }, 'scopes'),
  expire: (task) => {
    const atMs = Date.now() + 1000;
    const expiresAt = { seconds: Math.floor(atMs / 1000), nanos: (atMs % 1000) * 1_000_000 };
    return set(task, { expiresAt }, 'expires_at');
  },
  revive: (task) => set(task, { expiresAt: null }, 'expires_at'),
  rotate: async ({ replica, caller, key, gracePeriod, idempotency }) => {
    const request = { caller, keyId: key.id, gracePeriod, idempotency };
    const { key: rotated, plaintext } = await replica.keys.call('RotateKey', request);
    if (rotated) key.secrets.set(rotated.keyPrefix, plaintext);
    return { ...remembered(key, rotated), plaintext };
  },
  end: async ({ world, replica, caller, key }) => {
    const keyPrefix = pick(world, [...key.secrets.keys()]);
    const { key: changed } = await replica.keys.call('EndRetiredSecret', {
      caller,
      keyId: key.id,
      keyPrefix,
    });
    return remembered(key, changed);
  },
  revoke: (task) => revoke(task, false),
  cascade: (task) => revoke(task, true),
  validate: async ({ world, replica, key }) => {
    const [prefix, plaintext] = pick(world, [...key.secrets]);
    const { proof } = await replica.validation.call('ValidateKey', { key: plaintext });
    assert.deepEqual([proof?.keyId, proof?.keyPrefix], [key.id, prefix]);
    return {};
  },
};

type KeyTask = Pick<Task, 'replica' | 'caller' | 'key'>;

async function set({ replica, caller, key }: KeyTask, values: object, path: string): Promise<Answer> {
  const request = { caller, keyId: key.id, updateMask: { paths: [path] }, ...values };
  return remembered(key, (await replica.keys.call('UpdateKey', request)).key);
}

async function revoke({ replica, caller, key }: KeyTask, cascade: boolean): Promise<Answer> {
  const request = { caller, keyId: key.id, cascade };
  const { key: revoked, revokedCount } = await replica.keys.call('RevokeKey', request);
  return { ...remembered(key, revoked), revokedCount };
}

async function changeUser(
  { users }: ReplicaClients,
  caller: Task['caller'],
  userId: string,
  disabled: boolean,
): Promise<Answer> {
  const request = { caller, userId, updateMask: { paths: ['disabled'] }, disabled };
  return { disabledAt: (await users.call('UpdateUser', request)).user?.disabledAt };
}

function remembered(shared: SharedKey, key: Key__Output | null): Answer {
  assert.ok(key);
  shared.version = key.version;
  return { key };
}

function pick<Item>({ random }: Pick<World, 'random'>, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item;
}
