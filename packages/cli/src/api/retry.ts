/** When to send a request again that may be sent twice. */

/** What became of one attempt. */
export type Outcome =
  | { kind: 'answered'; status: number; retryAfterSeconds: number | undefined; type: string | undefined }
  /** The connection broke off: the request may have been carried out. */
  | { kind: 'dropped' };

const DROPPED_WAITS_MS = [200, 1000, 3000];
const MAX_RETRY_AFTER_SECONDS = 30;
const MAX_REPETITIONS = 5;
const STILL_RUNNING_WAIT_MS = 1000;
/** From the first attempt to the last repetition: a long one that failed is not begun again and again. */
const PATIENCE_MS = 60_000;

const STILL_RUNNING = 'urn:hokusai:error:still_running';

/**
 * How long to wait before the next attempt; undefined: this outcome is final.
 *
 * @param repetitions how often it was sent again already
 * @param elapsedMs since the first attempt began
 */
export function repeatAfterMs(outcome: Outcome, repetitions: number, elapsedMs: number): number | undefined {
  if (repetitions >= MAX_REPETITIONS) return undefined;
  const waitMs =
    outcome.kind === 'dropped' ? DROPPED_WAITS_MS[repetitions] : waitAsTold(outcome, repetitions);
  return waitMs !== undefined && elapsedMs + waitMs <= PATIENCE_MS ? waitMs : undefined;
}

function waitAsTold(
  { status, retryAfterSeconds, type }: Extract<Outcome, { kind: 'answered' }>,
  repetitions: number,
): number | undefined {
  // Its first attempt broke off on our side only, and goes on on the other.
  if (status === 409 && type === STILL_RUNNING && repetitions > 0) return STILL_RUNNING_WAIT_MS;
  const isTold = status === 503 && retryAfterSeconds !== undefined;
  return isTold && retryAfterSeconds <= MAX_RETRY_AFTER_SECONDS ? retryAfterSeconds * 1000 : undefined;
}
