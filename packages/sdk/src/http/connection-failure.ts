import {
  AbortedError,
  ConnectionLostError,
  ConnectionRefusedError,
  HostNotFoundError,
  TimeoutError,
  TlsError,
  UnexpectedAnswerError,
} from '../errors/errors.ts';
import { FailedAttempt } from './failed-attempt.ts';

/** How far an attempt came. */
export interface Progress {
  /** The connection stands; bytes may have been sent on it. */
  isConnected: boolean;
}

/** Who was asked for what, for messages: no secret, no query. */
export interface Call {
  /** Host and port. */
  server: string;
  /** The tracking URI, without a slash at its end: what a wrong path in it shows in. */
  base: string;
  /** Method and path. */
  name: string;
}

const REFUSED = ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EHOSTDOWN'];
const NOT_FOUND = ['ENOTFOUND', 'ENODATA', 'EAI_NONAME', 'EAI_NODATA'];
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/;

/** What the connection's own error means. */
export function connectionFailure(cause: unknown, progress: Progress, call: Call): FailedAttempt {
  const code = codeOf(cause);
  const of = `${call.server} (${call.name})`;
  if (TLS_CODE.test(code))
    return new FailedAttempt(
      new TlsError(`No safe connection to ${of}: ${tlsReason(cause, code)}`, { cause }),
      { kind: 'permanent' },
    );
  if (code === 'HPE_HEADER_OVERFLOW')
    return new FailedAttempt(
      new UnexpectedAnswerError(`The answer of ${of} has a head that is too large: ${code}`, { cause }),
      { kind: 'permanent' },
    );
  if (progress.isConnected)
    return new FailedAttempt(
      new ConnectionLostError(`The connection to ${of} ended before the answer did: ${code}`, { cause }),
      { kind: 'no-answer' },
    );
  return new FailedAttempt(
    notConnected(cause, code, of),
    NOT_FOUND.includes(code) ? { kind: 'permanent' } : { kind: 'not-sent' },
  );
}

function notConnected(cause: unknown, code: string, of: string): Error {
  if (NOT_FOUND.includes(code))
    return new HostNotFoundError(`The host of ${of} has no address: ${code}`, { cause, canRetry: false });
  if (code === 'EAI_AGAIN')
    return new HostNotFoundError(`The DNS has no answer for the host of ${of}: ${code}`, { cause });
  if (code === 'ETIMEDOUT') return new TimeoutError(`No connection to ${of} in time: ${code}`, { cause });
  if (REFUSED.includes(code))
    return new ConnectionRefusedError(`Nothing takes connections at ${of}: ${code}`, { cause });
  return new ConnectionLostError(`The connection to ${of} ended before it stood: ${code}`, { cause });
}

/** Time is up. */
export function timeoutFailure(timeoutMs: number, progress: Progress, call: Call): FailedAttempt {
  const missing = progress.isConnected ? 'No answer' : 'No connection';
  return new FailedAttempt(
    new TimeoutError(`${missing} from ${call.server} within ${timeoutMs} ms (${call.name})`),
    { kind: progress.isConnected ? 'no-answer' : 'not-sent' },
  );
}

/** The call's signal was aborted. */
export function abortedFailure(signal: AbortSignal, call: Call): FailedAttempt {
  return new FailedAttempt(
    new AbortedError(`The call was aborted (${call.name})`, { cause: signal.reason }),
    { kind: 'permanent' },
  );
}

/** An AggregateError, of a host with several addresses, has its first one's code. */
function codeOf(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message ?? cause);
}

function tlsReason(cause: unknown, code: string): string {
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return `it does not speak TLS as expected, ${code}`;
  return `${(cause as Error).message}, ${code}`;
}
