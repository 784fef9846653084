/** A finished request as it is metered. */
import type { UsageRecorder } from '../domain/ports.ts';
import { keptTraceparent } from '../domain/trace-context.ts';
import { userAgentFamily } from '../domain/user-agent.ts';
import type { Exchange } from './exchange.ts';

/** The client left before there was an answer (nginx's number for it; there is no official one). */
const CLIENT_LEFT = 499;
/** Switching Protocols: the answer is written past Node's. */
const SWITCHED = 101;

/** Of the answer, once the exchange has ended. */
export function statusOf({ isUpgraded, outgoing }: Exchange): number {
  if (isUpgraded) return SWITCHED;
  return outgoing.headersSent ? outgoing.statusCode : CLIENT_LEFT;
}

/** Records what a proved key has asked for; of anybody else only refusals are counted. */
export function recordUsage(usage: UsageRecorder, exchange: Exchange): void {
  const { caller, client, incoming, route, trace } = exchange;
  if (!caller || !route) return;
  const metered = {
    key_id: caller.state.keyId,
    secret_prefix: caller.proof.keyPrefix,
    user_id: caller.state.owner.userId,
    upstream: route.upstream,
    endpoint: route.endpoint,
    method: incoming.method ?? '',
    timestamp: exchange.startedAt(),
    response_time_ms: exchange.elapsedMs(),
    first_byte_ms: exchange.firstByteMs,
    status_code: statusOf(exchange),
    refusal: exchange.refusal ?? null,
    bytes_in: exchange.bytesIn,
    bytes_out: exchange.bytesOut,
    client_ip: client.clientIp,
    user_agent_family: userAgentFamily(incoming.headers['user-agent']),
    request_id: exchange.requestId,
    trace_id: trace.traceId,
  };
  usage.request(metered, keptTraceparent(trace));
}
