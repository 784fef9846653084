import { type ErrorCode, type HokusaiError, toHokusaiError } from '@hokusai/contracts/errors';
import type { Clock, Logger } from '@hokusai/service-kit';
import type { RateLimiter, UsageRecorder } from '../domain/ports.ts';
import { showLimits } from './charge.ts';
import type { ClientRequest } from './client-request.ts';
import type { Exchange } from './exchange.ts';
import { createOutageLog } from './outage-log.ts';
import { answerProblem } from './problems.ts';
import { StrangerPace } from './stranger-pace.ts';

/** Answers a request with whatever was thrown while it was served: the same for every door. */
export type Fail = (exchange: Exchange, thrown: unknown) => void;

/** What its operators want to know of, while clients' mistakes are theirs. */
const OUTAGES: ReadonlySet<ErrorCode> = new Set(['unavailable', 'deadline_exceeded']);
/** These are the client's doing all the same: it sent too slowly, or too much at a time. */
const BY_CLIENT: ReadonlySet<string | undefined> = new Set(['request_timeout', 'key_overloaded']);

export function createFail(logger: Logger, usage: UsageRecorder, limiter: RateLimiter, clock: Clock): Fail {
  const noteOutage = createOutageLog(logger, clock);
  const pace = new StrangerPace({ ...STRANGERS, clock });
  return (exchange, thrown) => {
    const error = toHokusaiError(thrown);
    const { requestId, incoming, neededScope, takesBasic } = exchange;
    exchange.reason = error.reason ?? error.code;
    if (error.code === 'internal') logger.error({ err: thrown, requestId }, 'a request failed');
    else if (isOutage(error)) noteOutage(error, requestId);
    else noteRefusal(exchange, error, usage);
    showLimits(exchange, limiter);
    const isBrowser = isFromBrowser(incoming);
    const answer = () =>
      answerProblem(exchange, error, { isBrowser, takesBasic, scope: neededScope ?? undefined });
    if (isStrangers(exchange, error)) pace.take(exchange, answer);
    else answer();
  };
}

/** Some 3 % of a core; a flood in the making is answered for a second or two. */
const STRANGERS = { perSecond: 500, burst: 1000, maxWaiting: 1024 };
/** Of an unknown key that was not looked up, since there are too many of them: no outage, whatever its code. */
const UNCHECKED = 'unknown_keys_shed';

/** Whatever is wrong with the request of somebody without a key, a flood may be made of it. */
function isStrangers({ caller }: Exchange, error: HokusaiError): boolean {
  return !caller && (!isOutage(error) || error.reason === UNCHECKED);
}

function isOutage({ code, reason }: HokusaiError): boolean {
  return OUTAGES.has(code) && !BY_CLIENT.has(reason);
}

/** Whatever is refused here shows: in the usage of the key, or by reason and address where no key was proved. */
function noteRefusal(exchange: Exchange, error: HokusaiError, usage: UsageRecorder): void {
  const reason = error.reason ?? error.code;
  if (exchange.caller) exchange.refusal = reason;
  else usage.anonymousRefusal(reason, exchange.client.clientIp);
}

/**
 * Asks for a page, or is what a page loads: browsers say so themselves (Sec-Fetch-Site; programs that speak
 * fetch, such as Node's, send only other headers of that family).
 */
function isFromBrowser({ method, headers }: ClientRequest): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return headers['sec-fetch-site'] !== undefined || (isRead && (headers.accept ?? '').includes('text/html'));
}
