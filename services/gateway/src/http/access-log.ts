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

/**
 * JSON with a newline. Times in ms, bodies in bytes; null for what there is not. Put together by hand, in less
 * than half the time that JSON.stringify takes for an object made for it.
 */
function accessLine(exchange: Exchange, worker?: number): string {
  const { caller, client, incoming, route, trace, firstByteMs } = exchange;
  // Left out where there are no siblings.
  const sibling = worker === undefined ? '' : `,"worker":${worker}`;
  const what = `"method":${json(incoming.method)},"upstream":${json(route?.upstream)},"route":${json(route?.endpoint)}`;
  const outcome = `"status":${statusOf(exchange)},"reason":${json(exchange.reason)}`;
  const firstByte = firstByteMs === null ? 'null' : toMicroseconds(firstByteMs);
  const times = `"first_byte_ms":${firstByte},"duration_ms":${toMicroseconds(exchange.elapsedMs())}`;
  const bytes = `"bytes_in":${exchange.bytesIn},"bytes_out":${exchange.bytesOut}`;
  const family = userAgentFamily(incoming.headers['user-agent']);
  const from = `"client_ip":"${client.clientIp}","user_agent_family":${json(family)}`;
  const { keyId, owner } = caller?.state ?? {};
  const who = `"key_id":${id(keyId)},"key_prefix":${id(caller?.proof.keyPrefix)},"user_id":${id(owner?.userId)}`;
  const ids = `"request_id":"${exchange.requestId}","trace_id":"${trace.traceId}"`;
  const start = `"level":"info","time":"${exchange.startedAt()}","service":"gateway"${sibling},"log":"access"`;
  return `{${start},${what},${outcome},${times},${bytes},${from},${who},${ids}}\n`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has them escaped
const TO_BE_ESCAPED = /["\\\x00-\x1f\x7f-\uffff]/;

function json(text: string | undefined): string {
  if (text === undefined) return 'null';
  return TO_BE_ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Of letters, digits, `.`, `_` and `-` only. */
function id(text: string | undefined): string {
  return text === undefined ? 'null' : `"${text}"`;
}

/** Three decimals: to write a whole number costs half of what a fraction does. */
function toMicroseconds(ms: number): string {
  const microseconds = Math.round(ms * 1000);
  const fraction = microseconds % 1000;
  return `${(microseconds - fraction) / 1000}.${String(fraction).padStart(3, '0')}`;
}
