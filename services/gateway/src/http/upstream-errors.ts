/** What went wrong with an upstream, in words for the client. */
import { HokusaiError } from '@hokusai/contracts/errors';

const RETRY_AFTER_SECONDS = 5;

/** Codes of errors on an open connection: the request may have arrived, no answer did. */
const BROKEN_CONNECTION: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/** undici's and Node's, about header fields. */
const UNSENDABLE: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
]);

/** True if the connection broke, as opposed to an answer that made no sense or did not come. */
export function isBrokenConnection(error: unknown): boolean {
  return BROKEN_CONNECTION.has(codeOf(error));
}

/** `wasConnected`: the request was given to a connection, so that some of it may have been sent. */
export function upstreamError(name: string, error: Error, wasConnected: boolean): HokusaiError {
  if (error instanceof HokusaiError) return error;
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return connectTimeout(name, error);
  // Refused on our side: not the upstream's fault.
  if (UNSENDABLE.has(code)) {
    return new HokusaiError('invalid_request', 'The request has a header field that can not be passed on.', {
      reason: 'ambiguous_head',
      cause: error,
    });
  }
  if (wasConnected) {
    return new HokusaiError('unavailable', `${name} broke off before it answered. Try again.`, {
      reason: 'upstream_broke_off',
      cause: error,
    });
  }
  return upstreamUnreachable(name, error);
}

/** It takes no connections. Nothing of the request has been sent. */
export function upstreamUnreachable(name: string, cause?: Error): HokusaiError {
  return new HokusaiError(
    'unavailable',
    `${name} can't be reached at the moment. The gateway works; try again, or tell whoever runs ${name}.`,
    { reason: 'upstream_unreachable', retryAfterSeconds: RETRY_AFTER_SECONDS, cause },
  );
}

export function connectTimeout(name: string, cause?: Error): HokusaiError {
  return new HokusaiError('deadline_exceeded', `${name} could not be connected to in time.`, {
    reason: 'upstream_connect_timeout',
    cause,
  });
}

export function responseTimeout(name: string): HokusaiError {
  return new HokusaiError('deadline_exceeded', `${name} did not answer in time.`, {
    reason: 'upstream_response_timeout',
  });
}

/** The upstream takes no more of the request's body. */
export function upstreamStalled(name: string): HokusaiError {
  return new HokusaiError('deadline_exceeded', `${name} stopped reading the request's body.`, {
    reason: 'upstream_body_timeout',
  });
}

/** The client sends no more of the request's body. */
export function clientStalled(): HokusaiError {
  return new HokusaiError('deadline_exceeded', "The rest of the request's body did not come in time.", {
    reason: 'request_timeout',
  });
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}
