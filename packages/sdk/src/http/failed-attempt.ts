import type { Failure } from './retry-policy.ts';

/** One attempt that failed: what the caller is told if it was the last one, and what decides whether it is. */
export class FailedAttempt extends Error {
  readonly error: Error;
  readonly failure: Failure;

  constructor(error: Error, failure: Failure) {
    super(error.message);
    this.error = error;
    this.failure = failure;
  }
}
