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

export type Operation = 'create' | 'update' | 'rotate' | 'end' | 'revoke' | 'disable' | 'enable' | 'validate';

/** How often each is chosen, in relation to the others. */
const WEIGHTS: Readonly<Record<Operation, number>> = {
  ...{ create: 18, update: 20, rotate: 22, end: 8, revoke: 6, disable: 4, enable: 6, validate: 16 },
};
const CHOICES = (Object.keys(WEIGHTS) as Operation[]).flatMap((operation) =>
  Array<Operation>(WEIGHTS[operation]).fill(operation),
);

export interface Step {
  requestId: string;
  operation: Operation;
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
      const step = await takeStep(world, replica, keys, operation);
      steps.push(step);
      const regression = regressionOf(step, seen);
      if (regression !== undefined) regressions.push(regression);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return { steps, keys, regressions };
}

/** What one client reads of a key never goes back; what it changed is newer than all that it had read. */
function regressionOf({ operation, key, revokedCount }: Step, seen: Map<string, bigint>): string | undefined {
  if (!key) return undefined;
  const [version, last] = [BigInt(key.version), seen.get(key.id) ?? 0n];
  seen.set(key.id, version);
  const isChange = operation === 'update' || operation === 'rotate' || (revokedCount ?? 0) > 0;
  const isRising = isChange ? version > last : version >= last;
  return isRising ? undefined : `${operation}: version ${version} of key ${key.id} after ${last}`;
}

async function takeStep(
  world: World,
  replica: ReplicaClients,
  keys: SharedKey[],
  operation: Operation,
): Promise<Step> {
  const key = operation === 'create' ? undefined : pick(world, keys);
  const isAboutUser = operation === 'disable' || operation === 'enable';
  const user = pick(world, world.members);
  const target = isAboutUser ? user.userId : (key?.id ?? '');
  const step = { requestId: randomUUID(), operation, target };
  const owner = world.members.find(({ userId }) => userId === (key?.userId ?? user.userId)) ?? user;
  const by = isAboutUser || world.random() < 0.6 ? world.admin : owner;
  const caller = { actingKeyId: by.actingKeyId, requestId: step.requestId };
  try {
    const answer = isAboutUser
      ? await changeUser(replica, caller, user.userId, operation === 'disable')
      : await WORK[operation]({ world, replica, caller, user, keys, key: key as SharedKey });
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
}

/** Graces in seconds; null: the default, a day. */
const GRACES = [null, 0, 3600];

const WORK: Readonly<Record<Exclude<Operation, 'disable' | 'enable'>, (task: Task) => Promise<Answer>>> = {
  create: async ({ replica, caller, user, keys }) => {
    const request = { caller, name: caller.requestId, userId: user.userId };
    const { key, plaintext } = await replica.keys.call('CreateKey', request);
    assert.ok(key);
    const secrets = new Map([[key.keyPrefix, plaintext]]);
    keys.push({ id: key.id, userId: key.userId, secrets, version: key.version });
    return { key, plaintext };
  },
  update: async ({ world, replica, caller, key }) => {
    const change = { updateMask: { paths: ['name'] }, name: caller.requestId };
    const ifVersion = world.random() < 0.3 ? key.version : '0';
    const request = { caller, keyId: key.id, ...change, ifVersion };
    return remembered(key, (await replica.keys.call('UpdateKey', request)).key);
  },
  rotate: async ({ world, replica, caller, key }) => {
    const seconds = pick(world, GRACES);
    const gracePeriod = seconds === null ? null : { seconds };
    const request = { caller, keyId: key.id, gracePeriod };
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
  revoke: async ({ replica, caller, key }) => {
    const { key: revoked, revokedCount } = await replica.keys.call('RevokeKey', { caller, keyId: key.id });
    return { ...remembered(key, revoked), revokedCount };
  },
  validate: async ({ world, replica, key }) => {
    const [prefix, plaintext] = pick(world, [...key.secrets]);
    const { proof } = await replica.validation.call('ValidateKey', { key: plaintext });
    assert.deepEqual([proof?.keyId, proof?.keyPrefix], [key.id, prefix]);
    return {};
  },
};

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
