import { CALLER_REFUSALS, type ErrorObserver, type HokusaiError } from '@hokusai/contracts';
import type { Logger } from '../log.ts';

/** A service with a wrong credential tries again and again: one line a minute is enough. */
const REFUSED_CALLER_INTERVAL_MS = 60_000;
/** Callers, known ones and "unknown", times methods: few. Whatever makes them many must not fill the memory. */
const MAX_REMEMBERED = 1000;

/**
 * Defects are errors, outages warnings, and so is a service that is not let in; what a caller did wrong else is
 * of interest when debugging only.
 */
export function logFailedCalls(logger: Logger, monotonicMs = () => performance.now()): ErrorObserver {
  const nextLineMs = new Map<string, number>();
  const isTold = (refusal: string) => {
    const isSilent = (nextLineMs.get(refusal) ?? 0) > monotonicMs();
    if (nextLineMs.size >= MAX_REMEMBERED) nextLineMs.clear();
    if (!isSilent) nextLineMs.set(refusal, monotonicMs() + REFUSED_CALLER_INTERVAL_MS);
    return isSilent;
  };
  return (error, method, caller) => {
    const { code, reason } = error;
    const call = { method, ...(caller === undefined ? {} : { caller }) };
    if (code === 'internal') logger.error({ err: error, ...call }, 'a call failed');
    else if (code === 'unavailable') logger.warn({ err: error, ...call }, 'a call could not be served');
    else if (isCallerRefusal(error) && !isTold(`${reason} ${caller} ${method}`))
      logger.warn({ reason, ...call }, 'a caller was refused; further ones like it are told once a minute');
    else logger.debug({ code, reason, ...call }, 'a call was refused');
  };
}

function isCallerRefusal({ reason }: HokusaiError): boolean {
  return reason === CALLER_REFUSALS.unknown || reason === CALLER_REFUSALS.notGranted;
}
