import { advice, permissionAdvice } from './advice.ts';
import { type ErrorDetails, MlPlatformError } from './ml-platform-error.ts';

/** 401: no key, or one that the server doesn't take. */
export class AuthenticationError extends MlPlatformError {
  readonly code = 'AUTHENTICATION';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.authentication }, details);
  }
}

/** 403: the key is genuine and may not do this. */
export class PermissionDeniedError extends MlPlatformError {
  readonly code = 'PERMISSION_DENIED';
  /** The gateway's reason, e.g. `key_expired` or `scope_missing`; null if it gave none. */
  readonly reason: string | null;
  constructor(message: string, details: ErrorDetails & { reason?: string | undefined } = {}) {
    super(message, { canRetry: false, advice: permissionAdvice(details.reason) }, details);
    this.reason = details.reason ?? null;
  }
}

/** 404, or the server's RESOURCE_DOES_NOT_EXIST. */
export class NotFoundError extends MlPlatformError {
  readonly code = 'NOT_FOUND';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.notFound }, details);
  }
}

/** The name is taken. */
export class AlreadyExistsError extends MlPlatformError {
  readonly code = 'ALREADY_EXISTS';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.alreadyExists }, details);
  }
}

/** 400, 413, 422: what was asked for breaks a rule, the server's or the SDK's own. */
export class InvalidRequestError extends MlPlatformError {
  readonly code = 'INVALID_REQUEST';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.invalidRequest }, details);
  }
}

/** 429. */
export class RateLimitedError extends MlPlatformError {
  readonly code = 'RATE_LIMITED';
  /** How long the server asks to wait, in milliseconds; null if it doesn't say. */
  readonly retryAfterMs: number | null;
  constructor(message: string, details: ErrorDetails & { retryAfterMs?: number | undefined } = {}) {
    super(message, { canRetry: true, advice: advice.rateLimited }, details);
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** 5xx. */
export class ServerError extends MlPlatformError {
  readonly code = 'SERVER_ERROR';
  /** How long the server asks to wait, in milliseconds; null if it doesn't say. */
  readonly retryAfterMs: number | null;
  constructor(message: string, details: ErrorDetails & { retryAfterMs?: number | undefined } = {}) {
    super(message, { canRetry: true, advice: advice.serverError }, details);
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** Not an MLflow server's answer: a web page, JSON that is cut off, a redirect. */
export class UnexpectedAnswerError extends MlPlatformError {
  readonly code = 'UNEXPECTED_ANSWER';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.unexpectedAnswer }, details);
  }
}
