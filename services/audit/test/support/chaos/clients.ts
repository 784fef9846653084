/** Clients of the management API that change keys while everything is killed around them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.ts';

type Operation = 'create' | 'rename' | 'limit' | 'rescope' | 'note' | 'rotate' | 'end' | 'revoke' | 'user';

/** One change that a client wanted, over all its attempts. */
export interface Step {
  operation: Operation;
  /** X-Request-ID of each attempt. */
  requestIds: readonly string[];
  /** Of the key or the user; empty for a key of which no answer has told. */
  target: string;
  /** The last answer's status; undefined: the client gave up, and does not know. */
  status: number | undefined;
  /** Of the secret that was answered. */
  keyPrefix?: string;
}

export interface ClientOptions {
  url: string;
  adminKey: string;
  random: Random;
  /** A change was made, by the answer. */
  onAnswer(): void;
}

interface SharedKey {
  id: string;
  /** Of its secrets, as far as they were answered; the newest is last. */
  prefixes: string[];
}

interface Answer {
  status: number;
  json: Record<string, unknown>;
}

const CLIENTS = 20;
const OWNERS = 4;
/** How often each is chosen, in relation to the others. */
const WEIGHTS: Readonly<Record<Operation, number>> = {
  ...{ create: 6, rename: 6, limit: 3, rescope: 3, note: 2, rotate: 6, end: 2, revoke: 2, user: 1 },
};
const CHOICES = (Object.keys(WEIGHTS) as Operation[]).flatMap((operation) =>
  Array<Operation>(WEIGHTS[operation]).fill(operation),
);
const SCOPES = ['mlflow:read', 'mlflow:write', 'mlflow:delete', 'keys:read', 'usage:read'];
const ANSWER_LIMIT_MS = 5000;
/** One client in so many does not ask again when it hears nothing. */
const GIVES_UP_ONE_IN = 8;

/** Twenty of them, each with a key of its own. They share the keys that they change. */
export async function runClients(
  { url, adminKey, random, onAnswer }: ClientOptions,
  isEnough: () => boolean,
): Promise<Step[]> {
  const steps: Step[] = [];
  const keys: SharedKey[] = [];
  const owners: string[] = [];

  async function ask(
    key: string,
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const text = await response.text();
    return {
      status: response.status,
      json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  /** Asks until there is an answer that says what became of it, or the client has had enough. */
  async function persist(key: string, method: string, path: string, body?: unknown) {
    const repetition = method === 'POST' ? { 'idempotency-key': randomUUID() } : {};
    const requestIds: string[] = [];
    const givesUp = random.between(1, GIVES_UP_ONE_IN) === 1;
    for (;;) {
      const requestId = randomUUID();
      requestIds.push(requestId);
      const headers = { ...repetition, 'x-request-id': requestId };
      const answer: Answer | undefined = await ask(key, method, path, body, headers).catch(() => undefined);
      if (answer && !isWorthRepeating(answer, repetition)) return { requestIds, ...answer };
      if (givesUp) return { requestIds, status: undefined, json: {} as Answer['json'] };
      await pause(random.between(20, 300));
    }
  }

  async function setUp(): Promise<string[]> {
    for (let number = 0; number < OWNERS; number += 1) {
      const { json } = await untilDone('POST', '/users', { display_name: `owner ${number}` });
      owners.push(String(json['id']));
    }
    const made = Array.from({ length: CLIENTS }, (_, number) =>
      untilDone('POST', '/auth/keys', { name: `client ${number}`, scopes: ['admin'] }),
    );
    return (await Promise.all(made)).map(({ json }) => String(json['key']));
  }

  async function untilDone(method: string, path: string, body: unknown) {
    for (;;) {
      const answer = await persist(adminKey, method, path, body);
      if (answer.status === 201) return answer;
      if (answer.status !== undefined) throw new Error(`${path}: ${JSON.stringify(answer.json)}`);
    }
  }

  async function create(client: string, operation: Operation): Promise<void> {
    const { requestIds, status, json } = await persist(client, 'POST', '/auth/keys', {
      name: randomUUID(),
      user_id: random.pick(owners),
      scopes: random.shuffled(SCOPES).slice(0, random.between(1, 3)),
      // Some are swept while this goes on.
      ...(random.between(1, 6) === 1
        ? { expires_at: new Date(Date.now() + random.between(3000, 20_000)).toISOString() }
        : {}),
    });
    const [id, prefix] = [String(json['id'] ?? ''), String(json['key_prefix'])];
    if (status === 201) keys.push({ id, prefixes: [prefix] });
    note({ operation, requestIds, target: id, status, ...(status === 201 && { keyPrefix: prefix }) });
  }

  async function change(client: string, operation: Operation): Promise<void> {
    const key = random.pick(keys);
    const path = `/auth/keys/${key.id}`;
    const [method, rest, body] = requestOf(operation, key, random);
    const { requestIds, status, json } = await persist(client, method, `${path}${rest}`, body);
    const isRotated = operation === 'rotate' && status === 200;
    const keyPrefix = String(json['key_prefix']);
    if (isRotated) key.prefixes.push(keyPrefix);
    if (operation === 'revoke' && status === 200 && keys.includes(key)) keys.splice(keys.indexOf(key), 1);
    note({ operation, requestIds, target: key.id, status, ...(isRotated && { keyPrefix }) });
  }

  async function changeUser(client: string, operation: Operation): Promise<void> {
    const target = random.pick(owners);
    const body = random.pick([{ display_name: randomUUID() }, { disabled: true }, { disabled: false }]);
    const { requestIds, status } = await persist(client, 'PATCH', `/users/${target}`, body);
    note({ operation, requestIds, target, status });
  }

  function note(step: Step): void {
    steps.push(step);
    if (step.status !== undefined && step.status < 300) onAnswer();
  }

  const clients = await setUp();
  await Promise.all(
    clients.map(async (client) => {
      while (!isEnough()) {
        const operation = keys.length < CLIENTS ? 'create' : random.pick(CHOICES);
        if (operation === 'create') await create(client, operation);
        else if (operation === 'user') await changeUser(client, operation);
        else await change(client, operation);
      }
    }),
  );
  return steps;
}

/** Of conflicts, those that pass: the first attempt may be running, or another client was faster this time. */
const PASSING = ['urn:hokusai:error:still_running', 'urn:hokusai:error:concurrent_change'];

/** Any other conflict with an Idempotency-Key is final: repeated for longer than answers are kept, it would be done again. */
function isWorthRepeating({ status, json }: Answer, repetition: Record<string, string>): boolean {
  const isPassing = PASSING.includes(String(json['type']));
  return status >= 500 || status === 429 || (status === 409 && isPassing && 'idempotency-key' in repetition);
}

function requestOf(operation: Operation, key: SharedKey, random: Random): [string, string, unknown?] {
  switch (operation) {
    case 'rotate':
      return ['POST', '/rotate', { grace_period_seconds: random.between(0, 3600) }];
    case 'revoke':
      return ['DELETE', random.between(0, 1) === 0 ? '' : '?reason=no%20longer%20needed'];
    case 'end':
      return ['DELETE', `/retired-secrets/${random.pick(key.prefixes)}`];
    case 'limit':
      return [
        'PATCH',
        '',
        { rate_limit_per_hour: random.between(1, 1_000_000), burst_limit: random.between(1, 99) },
      ];
    case 'rescope':
      return ['PATCH', '', { scopes: random.shuffled(SCOPES).slice(0, random.between(1, 4)) }];
    case 'note':
      return ['PATCH', '', { metadata: { note: randomUUID() }, allowed_ips: ['192.0.2.0/24'] }];
    default:
      return ['PATCH', '', { name: randomUUID() }];
  }
}
