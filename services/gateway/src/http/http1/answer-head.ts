/** The head of an answer, and what it says about the body that follows (RFC 9112, sections 4 and 6). */
import { isNamed } from '../../domain/header-names.ts';
import { MalformedAnswer } from './errors.ts';
import { isFieldValue, readFields } from './fields.ts';

export interface AnswerHead {
  status: number;
  /** For people; may be empty. */
  reason: string;
  /** Names and values, flat, in Latin-1, as they came. */
  rawHeaders: string[];
  body: BodyFraming;
  /** Nothing can be sent on the connection any more. */
  isLast: boolean;
  /** How long the server keeps an idle connection, as it says itself. */
  keepAliveMs: number | undefined;
}

/** Where the body ends: after so many bytes, with its last chunk, or with the connection. */
export type BodyFraming = number | 'chunked' | 'until-close';

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;

/**
 * Reads a head without the empty line at its end. `method` is that of the request, on which it depends whether there
 * is a body. Throws MalformedAnswer for whatever could be understood in two ways.
 */
export function readAnswerHead(text: string, method: string): AnswerHead {
  const lineEnd = text.indexOf('\r\n');
  const statusLine = lineEnd < 0 ? text : text.slice(0, lineEnd);
  const [, minor, digits, reason = ''] = STATUS_LINE.exec(statusLine) ?? [];
  if (digits === undefined || !isFieldValue(reason))
    throw new MalformedAnswer('the status line is none of HTTP/1');
  const status = Number(digits);
  const rawHeaders = lineEnd < 0 ? [] : readFields(text, lineEnd + 2);
  const found = framingFields(rawHeaders);
  const body = bodyOf(method, status, minor === '0', found);
  // HTTP/1.0 needs more of an agreement for another request than is worth having.
  const isLast = minor === '0' || body === 'until-close' || found.isClosing || mayBeFollowed(body, found);
  return { status, reason, rawHeaders, body, isLast, keepAliveMs: found.keepAliveMs };
}

interface FramingFields {
  contentLength: string | undefined;
  transferEncoding: string | undefined;
  isClosing: boolean;
  keepAliveMs: number | undefined;
}

function framingFields(rawHeaders: readonly string[]): FramingFields {
  const found: FramingFields = {
    ...{ contentLength: undefined, transferEncoding: undefined, isClosing: false, keepAliveMs: undefined },
  };
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index] as string, rawHeaders[index + 1] as string];
    if (isNamed(name, 'content-length')) {
      if (found.contentLength !== undefined)
        throw new MalformedAnswer('there is more than one Content-Length');
      found.contentLength = value;
    } else if (isNamed(name, 'transfer-encoding'))
      found.transferEncoding =
        found.transferEncoding === undefined ? value : `${found.transferEncoding},${value}`;
    else if (isNamed(name, 'connection')) found.isClosing ||= /(?:^|,)\s*close\s*(?:,|$)/i.test(value);
    else if (isNamed(name, 'keep-alive')) found.keepAliveMs = keepAliveOf(value);
  }
  return found;
}

/** RFC 9112, section 6.3, and none of its ways to guess. */
function bodyOf(
  method: string,
  status: number,
  isVersion10: boolean,
  { contentLength, transferEncoding }: FramingFields,
): BodyFraming {
  if (contentLength !== undefined && !/^\d{1,15}$/.test(contentLength))
    throw new MalformedAnswer('the Content-Length is no number');
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined)
      throw new MalformedAnswer('there is a Transfer-Encoding beside a Content-Length');
    if (isVersion10) throw new MalformedAnswer('an answer of HTTP/1.0 has a Transfer-Encoding');
    // Whoever asked for none other (there is no TE) need not understand one.
    if (transferEncoding.toLowerCase() !== 'chunked')
      throw new MalformedAnswer('the transfer coding is not chunked');
  }
  if (status === 204 && announcesBody({ contentLength, transferEncoding }))
    throw new MalformedAnswer('it announces a body that its status rules out');
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return 0;
  if (transferEncoding !== undefined) return 'chunked';
  return contentLength === undefined ? 'until-close' : Number(contentLength);
}

/**
 * The head speaks of a body, and there is none, as for HEAD. A server that sends it all the same, and later, must not have it
 * taken for the next answer, which is somebody else's.
 */
function mayBeFollowed(body: BodyFraming, found: FramingFields): boolean {
  return body === 0 && announcesBody(found);
}

function announcesBody({
  contentLength,
  transferEncoding,
}: Pick<FramingFields, 'contentLength' | 'transferEncoding'>): boolean {
  return transferEncoding !== undefined || Number(contentLength ?? 0) > 0;
}

/** `timeout=5, max=1000`: a draft that servers keep to (RFC 2068, section 19.7.1.1). */
function keepAliveOf(value: string): number | undefined {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})(?:[,\s]|$)/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
