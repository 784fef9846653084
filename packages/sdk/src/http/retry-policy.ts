/**
 * Whether to send a request again, and when. A request that may have been applied is sent again only if doing it twice is
 * doing it once; one that surely was not, always.
 */
export type Failure =
  /** No connection came about, or none that a byte was sent on. */
  | { kind: 'not-sent' }
  /** The connection ended, or time was up, after something was sent. */
  | { kind: 'no-answer' }
  /** A status of HTTP; `retryAfterMs` as the server asks for. */
  | { kind: 'status'; status: number; retryAfterMs: number | undefined }
  /** Trying again can't help. */
  | { kind: 'permanent' };

export interface RetryBounds {
  maxRetries: number;
  retryBudgetMs: number;
  maxRetryAfterMs: number;
}

export interface Attempt {
  failure: Failure;
  isIdempotent: boolean;
  /** How many retries came before. */
  retries: number;
  /** Since the call began. */
  elapsedMs: number;
}

export type Decision =
  | { retry: true; waitMs: number; askedByServer: boolean }
  | { retry: false; reason: 'permanent' | 'may-have-been-applied' | 'retries' | 'budget' | 'retry-after' };

const BASE_MS = 250;
const CAP_MS = 20_000;
const NOT_APPLIED = [429];
const PERHAPS_APPLIED = [408, 500, 502, 503, 504];

export function decideRetry(attempt: Attempt, bounds: RetryBounds, random: () => number): Decision {
  const { failure, isIdempotent, retries, elapsedMs } = attempt;
  if (isPermanent(failure)) return { retry: false, reason: 'permanent' };
  if (mayHaveBeenApplied(failure) && !isIdempotent) return { retry: false, reason: 'may-have-been-applied' };
  const retryAfterMs = failure.kind === 'status' ? failure.retryAfterMs : undefined;
  if (retryAfterMs !== undefined && retryAfterMs > bounds.maxRetryAfterMs)
    return { retry: false, reason: 'retry-after' };
  if (retries >= bounds.maxRetries) return { retry: false, reason: 'retries' };
  const waitMs = retryAfterMs ?? fullJitter(retries, random);
  if (elapsedMs + waitMs > bounds.retryBudgetMs) return { retry: false, reason: 'budget' };
  return { retry: true, waitMs, askedByServer: retryAfterMs !== undefined };
}

/** "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
function fullJitter(retries: number, random: () => number): number {
  return Math.floor(random() * Math.min(CAP_MS, BASE_MS * 2 ** retries));
}

function isPermanent(failure: Failure): boolean {
  if (failure.kind === 'status') return ![...NOT_APPLIED, ...PERHAPS_APPLIED].includes(failure.status);
  return failure.kind === 'permanent';
}

/** A 503 that says when to come back is of a server that turned the request away. */
function mayHaveBeenApplied(failure: Failure): boolean {
  if (failure.kind !== 'status') return failure.kind === 'no-answer';
  if (failure.status === 503 && failure.retryAfterMs !== undefined) return false;
  return !NOT_APPLIED.includes(failure.status);
}
