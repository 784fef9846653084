import { advice } from './advice.ts';
import { type ErrorDetails, MlPlatformError } from './ml-platform-error.ts';

/** Nothing listens at the tracking URI's address, or it can't be reached. */
export class ConnectionRefusedError extends MlPlatformError {
  readonly code = 'CONNECTION_REFUSED';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: true, advice: advice.connectionRefused }, details);
  }
}

/** The tracking URI's host name has no address. */
export class HostNotFoundError extends MlPlatformError {
  readonly code = 'HOST_NOT_FOUND';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: true, advice: advice.hostNotFound }, details);
  }
}

/** The server's certificate isn't accepted, or it doesn't speak TLS. */
export class TlsError extends MlPlatformError {
  readonly code = 'TLS';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.tls }, details);
  }
}

/** No answer in time. What was asked for may have been done. */
export class TimeoutError extends MlPlatformError {
  readonly code = 'TIMEOUT';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: true, advice: advice.timeout }, details);
  }
}

/** The connection ended before the answer did. What was asked for may have been done. */
export class ConnectionLostError extends MlPlatformError {
  readonly code = 'CONNECTION_LOST';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: true, advice: advice.connectionLost }, details);
  }
}
