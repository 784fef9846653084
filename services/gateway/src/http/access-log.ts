/**
 * One line for each finished request. Nothing in it is a client's own text: routes are templates, addresses
 * were read as addresses, ids have a fixed alphabet, and no key passes for one. So it can't hold a secret,
 * and is not searched for keys as other logs are.
 */
import type { LineOutput, Logger } from '@hokusai/service-kit';
import { userAgentFamily } from '../domain/user-agent.ts';
import type { Exchange } from './exchange.ts';
import { statusOf } from './usage.ts';

/** To be called when an exchange has ended. */
export type AccessLog = (exchange: Exchange) => void;

/** Writes to `output`. Lines that it had to drop are told to `logger`. */
export function createAccessLog(
  output: Pick<LineOutput, 'write' | 'dropped'>,
  logger: Logger,
  worker?: number,
): AccessLog {
  let reported = 0;
  return (exchange) => {
    output.write(accessLine(exchange, worker));
    if (output.dropped < 2 * reported || output.dropped === 0) return;
    // At powers of two: often enough to see, too seldom to add to what can't be written.
    reported = output.dropped;
    logger.warn({ dropped: reported }, 'lines of the access log were dropped: nobody reads the output');
  };
}

/** JSON with a newline. Times in ms, bodies in bytes; null for what there is not. */
export function accessLine(exchange: Exchange, worker?: number): string {
  const { caller, client, incoming, route, trace } = exchange;
  const line = {
    level: 'info',
    time: exchange.startedAt(),
    service: 'gateway',
    // Left out where there are no siblings.
    worker,
    log: 'access',
    method: incoming.method,
    upstream: route?.upstream ?? null,
    route: route?.endpoint ?? null,
    status: statusOf(exchange),
    reason: exchange.reason ?? null,
    first_byte_ms: exchange.firstByteMs === null ? null : toMicroseconds(exchange.firstByteMs),
    duration_ms: toMicroseconds(exchange.elapsedMs()),
    bytes_in: exchange.bytesIn,
    bytes_out: exchange.bytesOut,
    client_ip: client.clientIp,
    user_agent_family: userAgentFamily(incoming.headers['user-agent']),
    key_id: caller?.state.keyId ?? null,
    key_prefix: caller?.proof.keyPrefix ?? null,
    user_id: caller?.state.owner.userId ?? null,
    request_id: exchange.requestId,
    trace_id: trace.traceId,
  };
  return `${JSON.stringify(line)}\n`;
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
