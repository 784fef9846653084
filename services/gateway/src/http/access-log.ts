/**
 * One line for each finished request. Nothing in it is a client's own text: routes are templates, addresses
 * were read as addresses, ids have a fixed alphabet, and no key passes for one. So it can't hold a secret,
 * and is not searched for keys as other logs are.
 */
import type { LineOutput, Logger } from '@hokusai/service-kit';
import type { KeyState } from '../domain/key-state.ts';
import type { AuthenticatedKey } from '../domain/ports.ts';
import { userAgentFamily } from '../domain/user-agent.ts';
import type { Exchange, Route } from './exchange.ts';
import { statusOf } from './usage.ts';

/** To be called when an exchange has ended. */
export type AccessLog = (exchange: Exchange) => void;

/** Writes to `output`. Lines that it had to drop are told to `logger`. */
export function createAccessLog(
  output: Pick<LineOutput, 'write' | 'dropped'>,
  logger: Logger,
  worker?: number,
): AccessLog {
  const lineOf = lineWriter(worker);
  let reported = 0;
  return (exchange) => {
    output.write(lineOf(exchange));
    if (output.dropped < 2 * reported || output.dropped === 0) return;
    // At powers of two: often enough to see, too seldom to add to what can't be written.
    reported = output.dropped;
    logger.warn({ dropped: reported }, 'lines of the access log were dropped: nobody reads the output');
  };
}

/**
 * JSON with a newline. Times in ms, bodies in bytes; null for what there is not. Put together by hand, of few pieces:
 * that takes a fraction of what JSON.stringify does for an object made for it.
 */
function lineWriter(worker: number | undefined): (exchange: Exchange) => string {
  // Left out where there are no siblings.
  const sibling = worker === undefined ? '' : `,"worker":${worker}`;
  const source = `"service":"gateway"${sibling},"log":"access"`;
  return (exchange) => {
    const { caller, client, incoming, route, trace, firstByteMs, reason, wouldRefuse } = exchange;
    const what = `"method":${json(incoming.method)},${route ? textOfRoute(route) : NO_ROUTE}`;
    const observed = wouldRefuse === undefined ? '' : `,"would_refuse":${json(wouldRefuse)}`;
    const outcome = `"status":${statusOf(exchange)},"reason":${json(reason)}${observed}`;
    const firstByte = firstByteMs === null ? 'null' : toMicroseconds(firstByteMs);
    const times = `"first_byte_ms":${firstByte},"duration_ms":${toMicroseconds(exchange.elapsedMs())}`;
    const bytes = `"bytes_in":${exchange.bytesIn},"bytes_out":${exchange.bytesOut}`;
    const family = userAgentFamily(incoming.headers['user-agent']);
    const from = `"client_ip":"${client.clientIp}","user_agent_family":"${family}"`;
    const who = caller ? textOfCaller(caller) : NOBODY;
    const ids = `"request_id":"${exchange.requestId}","trace_id":"${trace.traceId}"}\n`;
    return `{"level":"info","time":"${exchange.startedAt()}",${source},${what},${outcome},${times},${bytes},${from},${who},${ids}`;
  };
}

const NO_ROUTE = '"upstream":null,"route":null';
const NOBODY = '"key_id":null,"key_prefix":null,"user_id":null';

/** What lines about the same have in common. Routes are templates, so there are only so many. */
const routeTexts = new Map<string, Map<string, string>>();
const callerTexts = new WeakMap<KeyState, { keyPrefix: string; text: string }>();

function textOfRoute({ upstream, endpoint }: Route): string {
  const known = routeTexts.get(upstream)?.get(endpoint);
  if (known !== undefined) return known;
  const text = `"upstream":${json(upstream)},"route":${json(endpoint)}`;
  const ofUpstream = routeTexts.get(upstream) ?? new Map<string, string>();
  routeTexts.set(upstream, ofUpstream.set(endpoint, text));
  return text;
}

/** Ids and prefixes are of letters, digits, `.`, `_` and `-` only. */
function textOfCaller({ proof: { keyPrefix }, state }: AuthenticatedKey): string {
  let known = callerTexts.get(state);
  // Two secrets of one key work while it is rotated.
  if (known?.keyPrefix !== keyPrefix) {
    const text = `"key_id":"${state.keyId}","key_prefix":"${keyPrefix}","user_id":"${state.owner.userId}"`;
    known = { keyPrefix, text };
    callerTexts.set(state, known);
  }
  return known.text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has them escaped
const TO_BE_ESCAPED = /["\\\x00-\x1f\x7f-\uffff]/;

function json(text: string | undefined): string {
  if (text === undefined) return 'null';
  return TO_BE_ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** Three decimals: to write a whole number costs half of what a fraction does. */
function toMicroseconds(ms: number): string {
  const microseconds = Math.round(ms * 1000);
  const fraction = microseconds % 1000;
  return `${(microseconds - fraction) / 1000}.${String(fraction).padStart(3, '0')}`;
}
