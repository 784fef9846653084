/** Who is asking, for the keys service. */
import type { CallOptions } from '@hokusai/contracts';
import type { Caller } from '@hokusai/contracts/gen/keys/v1/Caller';
import type { Scope } from '@hokusai/contracts/scopes';
import { findCredential } from '../../domain/credentials.ts';
import type { AuthenticatedKey } from '../../domain/ports.ts';
import type { Exchange } from '../exchange.ts';
import type { Gate } from '../gate.ts';

/** A browser's password prompt or a link must not be able to manage keys. */
const PLACES = { basic: false, query: false };

/** Lets a request in if its key may do what needs `scope` (null: if it works at all). Throws HokusaiError. */
export async function authenticate(exchange: Exchange, gate: Gate, scope: Scope | null): Promise<void> {
  const { rawHeaders, url = '' } = exchange.incoming;
  const credential = findCredential({ rawHeaders, rawQuery: rawQueryOf(url) }, PLACES);
  exchange.hasKeyInQuery = credential.inQuery;
  exchange.neededScope = scope;
  await gate(exchange, credential, scope);
}

/** Without the `?`; empty if there is none. */
export function rawQueryOf(url: string): string {
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
}

/** The key that the gate let in. */
export function actingKeyOf({ caller }: Exchange): AuthenticatedKey {
  if (!caller) throw new Error('a route without authentication asked for its caller');
  return caller;
}

export function callerOf(exchange: Exchange): Caller {
  const { proof } = actingKeyOf(exchange);
  return {
    actingKeyId: proof.keyId,
    actingKeyPrefix: proof.keyPrefix,
    requestId: exchange.requestId,
    clientIp: exchange.client.clientIp,
    userAgent: userAgentOf(exchange),
    traceId: exchange.trace.traceId,
  };
}

/** As much of it as is kept. */
export function userAgentOf({ incoming }: Exchange): string {
  return (incoming.headers['user-agent'] ?? '').slice(0, 256);
}

/**
 * The same for services that answer from what they store. A key shows what its owner may see, and an admin's all;
 * test keys are nobody's admins.
 */
export function readerOf(exchange: Exchange) {
  const { proof, state } = actingKeyOf(exchange);
  return {
    actingKeyId: proof.keyId,
    actingUserId: state.owner.userId,
    isAdmin: state.owner.role === 'admin' && state.environment === 'live',
    requestId: exchange.requestId,
  };
}

export function callOptions({ trace }: Exchange): CallOptions {
  return { traceparent: trace.traceparent };
}
