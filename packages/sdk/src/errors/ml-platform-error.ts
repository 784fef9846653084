/** What kind of thing went wrong; stable. */
export type ErrorCode =
  | 'CONFIGURATION'
  | 'CONNECTION_REFUSED'
  | 'HOST_NOT_FOUND'
  | 'TLS'
  | 'TIMEOUT'
  | 'CONNECTION_LOST'
  | 'AUTHENTICATION'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'INVALID_REQUEST'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  | 'UNEXPECTED_ANSWER'
  | 'ABORTED'
  | 'CHECKSUM'
  | 'BUFFER';

export interface ErrorDetails {
  /** The server's `error_code`. */
  errorCode?: string | undefined;
  requestId?: string | undefined;
  /** Of HTTP. */
  status?: number | undefined;
  /** The kind's own unless given. */
  canRetry?: boolean;
  /** In place of the kind's own. */
  advice?: readonly string[];
  cause?: unknown;
}

/** Whatever the SDK rejects with. `message` is one sentence; no part of it holds a secret. */
export abstract class MlPlatformError extends Error {
  abstract readonly code: ErrorCode;
  /** The server's `error_code`, e.g. `RESOURCE_DOES_NOT_EXIST`; null if it sent none. */
  readonly errorCode: string | null;
  /** To give to whoever runs the server; null if it sent none. */
  readonly requestId: string | null;
  /** Of HTTP; null if no answer came. */
  readonly status: number | null;
  /** Whether the same call can succeed later with nothing else changed. */
  readonly canRetry: boolean;
  /** What to look at, in this order. */
  readonly advice: readonly string[];

  constructor(
    message: string,
    defaults: { canRetry: boolean; advice: readonly string[] },
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.errorCode = details.errorCode ?? null;
    this.requestId = details.requestId ?? null;
    this.status = details.status ?? null;
    this.canRetry = details.canRetry ?? defaults.canRetry;
    this.advice = details.advice ?? defaults.advice;
  }
}
