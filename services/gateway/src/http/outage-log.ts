/** Log lines about requests that could not be served since something was away. */
import type { HokusaiError } from '@hokusai/contracts/errors';
import type { Clock, Logger } from '@hokusai/service-kit';

/** Notes one request that was answered with `error`. */
export type OutageLog = (error: HokusaiError, requestId: string) => void;

const LINE_INTERVAL_MS = 1000;
/** After so long without a failure the next one is another outage. */
const QUIET_MS = 60_000;

interface Outage {
  lastFailureMs: number;
  lastLineMs: number;
  /** Failures since the last line. */
  count: number;
}

/**
 * Says of each reason what its first failure was, then at most once a second how many there were since the
 * last line: in an outage every request fails, and strangers can make requests fail at will. Without
 * stacks, which say nothing of what is away.
 */
export function createOutageLog(logger: Logger, clock: Clock): OutageLog {
  const outages = new Map<string, Outage>();
  return (error, requestId) => {
    const { code, reason = code } = error;
    const nowMs = clock.monotonic();
    const outage = outages.get(reason);
    if (!outage || nowMs - outage.lastFailureMs >= QUIET_MS) {
      outages.set(reason, { lastFailureMs: nowMs, lastLineMs: nowMs, count: 0 });
      logger.warn({ reason, requestId, causes: causesOf(error) }, 'a request could not be served');
      return;
    }
    outage.lastFailureMs = nowMs;
    outage.count += 1;
    if (nowMs - outage.lastLineMs < LINE_INTERVAL_MS) return;
    logger.warn({ reason, requestId, count: outage.count }, 'requests could not be served');
    outage.lastLineMs = nowMs;
    outage.count = 0;
  };
}

const MAX_CAUSES = 5;

/** The messages of the error and of what caused it. */
function causesOf(error: HokusaiError): string[] {
  const messages: string[] = [];
  let cause: unknown = error;
  while (cause instanceof Error && messages.length < MAX_CAUSES) {
    messages.push(cause.message);
    cause = cause.cause;
  }
  return messages;
}
