/** Operations on keys. The keys service decides who may do what; this translates. */
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';
import type { Exchange } from '../../exchange.ts';
import { actingKeyOf, callerOf, callOptions } from '../caller.ts';
import { type Operation, operation } from '../operation.ts';
import { type KeyManagementClient, serviceCalls } from '../service-calls.ts';
import { present } from '../values.ts';
import {
  createKeyMessage,
  keyJson,
  listKeysMessage,
  receiptJson,
  rotateKeyMessage,
  updateKeyMessage,
} from './messages.ts';
import { wrongInCreation, wrongInUpdate } from './rules.ts';
import {
  createKeyRequest,
  type KeyJson,
  keyListResponse,
  keyPath,
  keyResponse,
  keyWithSecretResponse,
  listKeysQuery,
  retiredSecretPath,
  revokedKeyResponse,
  revokeKeyQuery,
  rotateKeyRequest,
  updateKeyRequest,
} from './schemas.ts';

type Call = KeyManagementClient['call'];

const KEYS = '/api/v1/auth/keys';
const KEY = `${KEYS}/{id}`;
const locationOf = ({ id }: { id: string }) => `${KEYS}/${id}`;

/** The keys service waits for gateways for five seconds; the revocation comes before that, and the answer after. */
const WAIT_TIMEOUT_MS = 10_000;
/** A family of thousands takes seconds. */
const CASCADE_TIMEOUT_MS = 60_000;

/** The gateway asks for scopes first, so that a key without them costs the keys service nothing. */
const reading = { tag: 'Keys', scope: 'keys:read' } as const;
const writing = { tag: 'Keys', scope: 'keys:write' } as const;

export function keyOperations(client: KeyManagementClient): Operation[] {
  const call: Call = serviceCalls(client);
  return [
    createKey(call),
    listKeys(call),
    getKey(call),
    updateKey(call),
    revokeKey(call),
    rotateKey(call),
    endRetiredSecret(call),
  ];
}

function createKey(call: Call): Operation {
  return operation({
    ...{ ...writing, id: 'createKey', method: 'post', path: KEYS },
    summary: 'Create a key',
    description:
      "Its scopes, expiry and addresses lie within those of the calling key, and a member's limits too.",
    isRepeatable: true,
    body: createKeyRequest,
    alsoWrong: wrongInCreation,
    answer: {
      status: 201,
      schema: keyWithSecretResponse,
      description: 'The key, with its secret this once.',
    },
    location: locationOf,
    serve: async ({ exchange, body, idempotency }) => {
      const message = { ...createKeyMessage(callerOf(exchange), body), idempotency };
      const { key, plaintext } = await call('CreateKey', message, callOptions(exchange));
      return { ...shown(exchange, key), key: plaintext };
    },
  });
}

function listKeys(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listKeys', method: 'get', path: KEYS },
    summary: 'List keys',
    description: 'Newest first, in pages. Members see their own keys, admins all.',
    query: listKeysQuery,
    answer: { status: 200, schema: keyListResponse, description: 'A page of keys.' },
    serve: async ({ exchange, query }) => {
      const message = listKeysMessage(callerOf(exchange), query);
      const { keys, nextCursor } = await call('ListKeys', message, callOptions(exchange));
      return {
        data: keys.map((key) => shown(exchange, key)),
        next_cursor: nextCursor === '' ? null : nextCursor,
      };
    },
  });
}

function getKey(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'getKey', method: 'get', path: KEY },
    summary: 'Show a key',
    description: 'The answer to an id of somebody else is that to one that does not exist.',
    pathParameters: keyPath,
    answer: { status: 200, schema: keyResponse, description: 'The key.' },
    serve: async ({ exchange, path }) => {
      const message = { caller: callerOf(exchange), keyId: path.id };
      const { key } = await call('GetKey', message, callOptions(exchange));
      return shown(exchange, key);
    },
  });
}

function updateKey(call: Call): Operation {
  return operation({
    ...{ ...writing, id: 'updateKey', method: 'patch', path: KEY },
    summary: 'Change a key',
    description:
      'Whatever is loosened has to lie within what the calling key may do itself. A revoked key stays as it is.',
    mayConflict: true,
    pathParameters: keyPath,
    body: updateKeyRequest,
    alsoWrong: wrongInUpdate,
    answer: { status: 200, schema: keyResponse, description: 'The key as it is now.' },
    serve: async ({ exchange, path, body }) => {
      const message = updateKeyMessage(callerOf(exchange), path.id, body);
      const { key } = await call('UpdateKey', message, callOptions(exchange));
      return shown(exchange, key);
    },
  });
}

function revokeKey(call: Call): Operation {
  return operation({
    ...{ ...writing, id: 'revokeKey', method: 'delete', path: KEY },
    summary: 'Revoke a key for good',
    description:
      'It stops within milliseconds. Revoking a revoked key changes nothing and answers the same. With `wait`, the answer has a receipt: which gateways have applied it, and until when any other may still serve the key.',
    pathParameters: keyPath,
    query: revokeKeyQuery,
    answer: { status: 200, schema: revokedKeyResponse, description: 'The key as it is now.' },
    serve: async ({ exchange, path, query }) => {
      const { reason = '', cascade = false, wait = false } = query;
      const message = { caller: callerOf(exchange), keyId: path.id, reason, cascade, wait };
      const options = {
        ...callOptions(exchange),
        ...(wait && { timeoutMs: WAIT_TIMEOUT_MS }),
        ...(cascade && { timeoutMs: CASCADE_TIMEOUT_MS }),
      };
      const { key, revokedCount, receipt } = await call('RevokeKey', message, options);
      return { ...shown(exchange, key), revoked_count: revokedCount, receipt: receiptJson(receipt) };
    },
  });
}

function rotateKey(call: Call): Operation {
  return operation({
    ...{ ...writing, id: 'rotateKey', method: 'post', path: `${KEY}/rotate` },
    summary: 'Give a key a new secret',
    description:
      'Id, name, scopes, limits and history stay. The old secret works until its grace ends. Of two rotations at once one wins, and the other gets 409.',
    isRepeatable: true,
    pathParameters: keyPath,
    body: rotateKeyRequest,
    answer: {
      status: 200,
      schema: keyWithSecretResponse,
      description: 'The key, with its new secret this once.',
    },
    serve: async ({ exchange, path, body, idempotency }) => {
      const message = { ...rotateKeyMessage(callerOf(exchange), path.id, body), idempotency };
      const { key, plaintext } = await call('RotateKey', message, callOptions(exchange));
      return { ...shown(exchange, key), key: plaintext };
    },
  });
}

function endRetiredSecret(call: Call): Operation {
  return operation({
    ...{ ...writing, id: 'endRetiredSecret', method: 'delete', path: `${KEY}/retired-secrets/{prefix}` },
    summary: "End a retired secret's grace now",
    description: 'Ending one that has ended changes nothing and answers the same.',
    pathParameters: retiredSecretPath,
    answer: { status: 200, schema: keyResponse, description: 'The key as it is now.' },
    serve: async ({ exchange, path }) => {
      const message = { caller: callerOf(exchange), keyId: path.id, keyPrefix: path.prefix };
      const { key } = await call('EndRetiredSecret', message, callOptions(exchange));
      return shown(exchange, key);
    },
  });
}

/** By the database's clock, as its expiry is judged. */
function shown(exchange: Exchange, key: Key__Output | null): KeyJson {
  return keyJson(present(key, 'the key'), actingKeyOf(exchange).nowMs);
}
