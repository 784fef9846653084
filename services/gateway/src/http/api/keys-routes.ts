/** `/api/v1/auth`: the caller, and keys. The keys service decides who may do what; this translates. */
import { HokusaiError } from '@hokusai/contracts';
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';
import { type Request, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import type { Gate } from '../gate.ts';
import { authenticated, callerOf, callOptions } from './caller.ts';
import { idempotencyOf } from './idempotency.ts';
import { readJson } from './json-body.ts';
import { type CallKeys, type KeyManagementClient, keysCalls } from './keys-calls.ts';
import { createKeyMessage, keyJson, listKeysMessage, receiptJson } from './messages.ts';
import { answerJson, checked, exchangeOf } from './request.ts';
import {
  createdKeyResponse,
  createKeyRequest,
  keyListResponse,
  keyResponse,
  listKeysQuery,
  revokedKeyResponse,
  revokeKeyQuery,
  whoamiResponse,
} from './schemas.ts';
import { whoamiJson } from './whoami.ts';

export interface KeysRoutesOptions {
  gate: Gate;
  keys: KeyManagementClient;
}

const BASE = '/api/v1/auth';

/** Scopes are asked for here first, so that a key without them costs the keys service nothing. */
export function keysRoutes({ gate, keys }: KeysRoutesOptions): Router {
  const call = keysCalls(keys);
  const router = Router({ caseSensitive: true, strict: true });
  const holding = (scope: 'keys:read' | 'keys:write' | null, route: string) =>
    authenticated(gate, scope, BASE + route);
  router.get('/whoami', holding(null, '/whoami'), whoami);
  router.post('/keys', holding('keys:write', '/keys'), readJson, createKey(call));
  router.get('/keys', holding('keys:read', '/keys'), listKeys(call));
  router.get('/keys/:id', holding('keys:read', '/keys/{id}'), getKey(call));
  router.delete('/keys/:id', holding('keys:write', '/keys/{id}'), revokeKey(call));
  return router;
}

const whoami: RequestHandler = (request) => {
  const exchange = exchangeOf(request);
  answerJson(exchange, 200, whoamiResponse, whoamiJson(exchange));
};

function createKey(call: CallKeys): RequestHandler {
  return async (request) => {
    const exchange = exchangeOf(request);
    const body = checked(createKeyRequest, request.body);
    const message = {
      ...createKeyMessage(callerOf(exchange), body),
      idempotency: idempotencyOf(exchange.incoming, `POST ${BASE}/keys`, request.body),
    };
    const created = await call('CreateKey', message, callOptions(exchange));
    const json = keyJson(present(created.key));
    answerJson(exchange, 201, createdKeyResponse, { ...json, key: created.plaintext }, [
      'Location',
      `${exchange.client.outerPrefix}${BASE}/keys/${json.id}`,
    ]);
  };
}

function listKeys(call: CallKeys): RequestHandler {
  return async (request) => {
    const exchange = exchangeOf(request);
    const message = listKeysMessage(callerOf(exchange), checked(listKeysQuery, request.query));
    const { keys: page, nextCursor } = await call('ListKeys', message, callOptions(exchange));
    const list = { data: page.map(keyJson), next_cursor: nextCursor === '' ? null : nextCursor };
    answerJson(exchange, 200, keyListResponse, list);
  };
}

function getKey(call: CallKeys): RequestHandler {
  return async (request) => {
    const exchange = exchangeOf(request);
    const message = { caller: callerOf(exchange), keyId: keyIdOf(request) };
    const { key } = await call('GetKey', message, callOptions(exchange));
    answerJson(exchange, 200, keyResponse, keyJson(present(key)));
  };
}

function revokeKey(call: CallKeys): RequestHandler {
  return async (request) => {
    const exchange = exchangeOf(request);
    const { reason = '', cascade = false, wait = false } = checked(revokeKeyQuery, request.query);
    const message = { caller: callerOf(exchange), keyId: keyIdOf(request), reason, cascade, wait };
    const { key, revokedCount, receipt } = await call('RevokeKey', message, callOptions(exchange));
    answerJson(exchange, 200, revokedKeyResponse, {
      ...keyJson(present(key)),
      revoked_count: revokedCount,
      receipt: receiptJson(receipt),
    });
  };
}

/** What is no id names no key. */
function keyIdOf(request: Request): string {
  const { success, data } = z.uuid().safeParse(request.params['id']);
  if (!success)
    throw new HokusaiError('not_found', 'There is no such key: an id is a UUID.', {
      reason: 'key_not_found',
    });
  return data;
}

function present(key: Key__Output | null): Key__Output {
  if (!key) throw new Error('the keys service answered without the key');
  return key;
}
