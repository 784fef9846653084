import type { Logger } from '../config/logger.ts';
import { MlPlatformError, NotFoundError } from '../errors/errors.ts';
import { FailedAttempt } from './failed-attempt.ts';
import { type Decision, decideRetry, type RetryBounds } from './retry-policy.ts';
import type { Clock, Delay } from './types.ts';

export interface RetryDependencies {
  clock: Clock;
  delay: Delay;
  random: () => number;
  logger: Logger;
}

export interface RetriedCall {
  /** For the log. */
  name: string;
  isIdempotent: boolean;
  bounds: RetryBounds;
  signal: AbortSignal | undefined;
}

/** Attempts until one succeeds or the policy says no; rejects with the last one's error. Each is in the log. */
export async function withRetries<Result>(
  call: RetriedCall,
  dependencies: RetryDependencies,
  attempt: () => Promise<Result>,
): Promise<Result> {
  const { clock, delay, random, logger } = dependencies;
  const beginMs = clock.elapsed();
  for (let retries = 0; ; retries++) {
    const startMs = clock.elapsed();
    try {
      const result = await attempt();
      logger.debug('Done', { call: call.name, attempt: retries + 1, ms: elapsed(clock, startMs) });
      return result;
    } catch (failed) {
      if (!(failed instanceof FailedAttempt)) throw failed;
      const elapsedMs = clock.elapsed() - beginMs;
      const about = { failure: failed.failure, isIdempotent: call.isIdempotent, retries, elapsedMs };
      const decision = decideRetry(about, call.bounds, random);
      const details = { call: call.name, attempt: retries + 1, ms: elapsed(clock, startMs) };
      report(logger, failed.error, decision, details);
      if (!decision.retry) throw failed.error;
      await delay(decision.waitMs, call.signal);
    }
  }
}

function report(logger: Logger, error: Error, decision: Decision, details: Record<string, unknown>): void {
  const about = {
    ...details,
    error: error.message,
    code: error instanceof MlPlatformError ? error.code : null,
  };
  if (decision.retry)
    logger.warn(
      `Failed; trying again in ${decision.waitMs} ms${decision.askedByServer ? ', as the server asks' : ''}`,
      {
        ...about,
        waitMs: decision.waitMs,
      },
    );
  // That something isn't there is for the caller to judge.
  else
    logger[error instanceof NotFoundError ? 'debug' : 'warn']('Failed', {
      ...about,
      reason: decision.reason,
    });
}

function elapsed(clock: Clock, sinceMs: number): number {
  return Math.round(clock.elapsed() - sinceMs);
}
