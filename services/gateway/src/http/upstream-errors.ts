/** What went wrong with an upstream, in words for the client. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { ConnectFailed, UnsendableRequest } from './http1/index.ts';

const RETRY_AFTER_SECONDS = 5;

/** Node's, about a field of the answer that it would not write. */
const UNSENDABLE: ReadonlySet<string> = new Set(['ERR_INVALID_CHAR', 'ERR_INVALID_HTTP_TOKEN']);

/** What is said of an error of the connection, or of what came by it. */
export function upstreamError(name: string, error: Error): HokusaiError {
  if (error instanceof HokusaiError) return error;
  if (error instanceof ConnectFailed)
    return error.isTimeout ? connectTimeout(name, error) : upstreamUnreachable(name, error);
  // Refused on our side: not the upstream's fault.
  if (error instanceof UnsendableRequest || UNSENDABLE.has(codeOf(error))) {
    return new HokusaiError('invalid_request', 'The request has a header field that can not be passed on.', {
      reason: 'ambiguous_head',
      cause: error,
    });
  }
  return new HokusaiError('unavailable', `${name} broke off before it answered. Try again.`, {
    reason: 'upstream_broke_off',
    cause: error,
  });
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
