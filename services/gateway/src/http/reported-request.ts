import type { SignIn } from '../domain/ports.ts';
import { keptTraceparent } from '../domain/trace-context.ts';
import type { Exchange } from './exchange.ts';

/** What the audit log is told of a request. `keyPrefix` is that of what was presented, where it was well-formed. */
export function reportedRequest(exchange: Exchange, keyPrefix: string | null): SignIn {
  const { caller, client, incoming, requestId, route, trace } = exchange;
  const traceparent = keptTraceparent(trace);
  return {
    clientIp: client.clientIp,
    keyPrefix,
    keyId: caller?.state.keyId ?? null,
    userId: caller?.state.owner.userId ?? null,
    route: `${incoming.method} ${route?.endpoint ?? ''}`,
    userAgent: incoming.headers['user-agent'] ?? '',
    requestId,
    traceId: trace.traceId,
    ...(traceparent !== undefined && { traceparent }),
  };
}
