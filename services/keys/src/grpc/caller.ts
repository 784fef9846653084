/** Methods that are called with somebody's key: who calls comes with each request. */
import { type ErrorObserver, unaryHandler } from '@hokusai/contracts';
import type { Caller__Output } from '@hokusai/contracts/gen/keys/v1/Caller';
import type { Caller } from '../domain/actor.ts';

interface CallersRequest {
  caller: Caller__Output | null;
}

/** A unary method as `unaryHandler` makes it, of a function that is told who calls, and through which service. */
export function handlerWithCaller<Request extends CallersRequest, Response>(
  handle: (request: Request, caller: Caller, signal: AbortSignal) => Promise<Response>,
  observe: ErrorObserver,
) {
  return unaryHandler<Request, Response>(
    (request, signal, service) => handle(request, callerOf(request, service), signal),
    observe,
  );
}

/** @param service the calling service */
function callerOf({ caller }: CallersRequest, service: string): Caller {
  return {
    service,
    actingKeyId: caller?.actingKeyId ?? '',
    actingKeyPrefix: caller?.actingKeyPrefix ?? '',
    requestId: caller?.requestId ?? '',
    clientIp: caller?.clientIp ?? '',
    userAgent: caller?.userAgent ?? '',
    traceId: caller?.traceId ?? '',
  };
}
