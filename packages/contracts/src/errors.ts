/**
 * The one error type that crosses every boundary of the system, and its codes.
 *
 * A domain rule throws it, a gRPC server maps it to a status once (`grpc/errors.ts`), a client maps it
 * back, and the gateway maps it to an HTTP answer once. Its message is meant for whoever made the
 * request: it says what happened and what to do, and never holds a secret.
 */
import type { ErrorCode } from './error-codes.ts';
import type { ErrorReason } from './error-reasons.ts';

export { ERROR_CODES, type ErrorCode } from './error-codes.ts';

/** One broken rule: where in the request, and what is expected there. */
export interface Violation {
  /** JSON path of the value, e.g. `scopes[1]`; empty for the request as a whole. */
  path: string;
  message: string;
}

export interface HokusaiErrorOptions {
  /** Machine-readable cause within the code, e.g. `key_revoked`. */
  reason?: ErrorReason;
  violations?: readonly Violation[];
  /** After how many whole seconds the same request may succeed. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

export class HokusaiError extends Error {
  override readonly name = 'HokusaiError';
  readonly code: ErrorCode;
  readonly reason: ErrorReason | undefined;
  readonly violations: readonly Violation[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: HokusaiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = options.reason;
    this.violations = options.violations ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Whatever was thrown as a HokusaiError: itself, or `internal` with a message that gives nothing away. */
export function toHokusaiError(thrown: unknown): HokusaiError {
  if (thrown instanceof HokusaiError) return thrown;
  return new HokusaiError('internal', 'An internal error occurred.', { cause: thrown });
}

/** Errors travel in headers, which have room for so many violations … */
const LISTED = 32;
/** … and their messages, which are for people, spell out so many. */
const SPELLED_OUT = 5;

/**
 * `unprocessable` with all violations, as far as there is room: `<what>: <path>: <message>; …`.
 */
export function unprocessable(
  violations: readonly Violation[],
  { what = 'The request breaks a rule', reason }: { what?: string; reason?: ErrorReason } = {},
): HokusaiError {
  const texts = firstOf(violations, SPELLED_OUT).map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  return new HokusaiError('unprocessable', `${what}: ${texts.join('; ')}.`, {
    violations: firstOf(violations, LISTED),
    ...(reason === undefined ? {} : { reason }),
  });
}

/** The first of them and, where there are more, one that says how many. */
function firstOf(violations: readonly Violation[], limit: number): Violation[] {
  const rest = violations.length - limit;
  const more = rest > 0 ? [{ path: '', message: `and ${rest} more` }] : [];
  return [...violations.slice(0, limit), ...more];
}
