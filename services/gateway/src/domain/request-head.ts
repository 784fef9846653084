/** What makes a request's head unacceptable before anything is asked about it. */
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { HokusaiError } from '@hokusai/contracts/errors';
import { isNamed } from './header-names.ts';

export interface RequestHead {
  method: string;
  /** `1.0` or `1.1`. */
  httpVersion: string;
  /** Names and values, flat, as they were sent. */
  rawHeaders: readonly string[];
  /** All values of Transfer-Encoding, joined with commas. */
  transferEncoding: string | undefined;
}

/** RFC 3986 host and port, without user information. */
const AUTHORITY = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d{0,5})?$/;

/** Throws `invalid_request` for a head that two programs could understand in two ways. */
export function checkHead({ method, httpVersion, rawHeaders, transferEncoding }: RequestHead): void {
  const hosts = valuesOf(rawHeaders, 'host');
  if (hosts.length > 1) throw refused('ambiguous_head', 'The request has more than one Host header.');
  if (hosts.length === 0 && httpVersion !== '1.0')
    throw refused('ambiguous_head', 'The request has no Host header.');
  if (!AUTHORITY.test(hosts[0] ?? ''))
    throw refused('ambiguous_head', 'The Host header is not a host with an optional port.');
  if (transferEncoding !== undefined) checkTransferEncoding(transferEncoding, httpVersion);
  // It would echo the headers that the gateway adds.
  if (method === 'TRACE') throw refused('method_not_allowed', 'TRACE is not served here.');
}

function checkTransferEncoding(value: string, httpVersion: string): void {
  if (httpVersion === '1.0')
    throw refused('ambiguous_head', 'An HTTP/1.0 request can not have a Transfer-Encoding.');
  if (value.trim().toLowerCase() !== 'chunked')
    throw refused('unsupported_transfer_coding', 'The only transfer coding that is served here is chunked.');
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (isNamed(rawHeaders[index], name)) values.push(rawHeaders[index + 1] as string);
  }
  return values;
}

function refused(reason: ErrorReason, message: string): HokusaiError {
  return new HokusaiError('invalid_request', message, { reason });
}
