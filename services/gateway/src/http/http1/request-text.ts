/** The head of a request as it is written (RFC 9112, sections 2 and 3). */
import { isNamed } from '../../domain/header-names.ts';
import { UnsendableRequest } from './errors.ts';
import { isFieldName, isFieldValue } from './fields.ts';

export interface RequestHead {
  method: string;
  /** Path and query, undecoded. */
  path: string;
  /** Names and values, flat, in Latin-1; nothing in them delimits the message but a Content-Length. */
  headers: readonly string[];
  hasBody: boolean;
}

export interface RequestText {
  /** With the empty line at its end. */
  text: string;
  /** Bytes of the body that it announces; undefined: it comes in chunks. */
  bodyBytes: number | undefined;
}

const METHOD = /^[A-Z-]+$/;
const PATH = /^\/[\x21-\x7e\x80-\xff]*$/;
/** Whose servers want to be told that there is no body (RFC 9110, section 8.6). */
const EXPECTS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Throws UnsendableRequest for what could be read as more than this one request. */
export function requestText({ method, path, headers, hasBody }: RequestHead): RequestText {
  if (!METHOD.test(method) || !PATH.test(path))
    throw new UnsendableRequest('the request line can not be written');
  let text = `${method} ${path} HTTP/1.1\r\n`;
  let length: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    const [name, value] = [headers[index] as string, headers[index + 1] as string];
    checkField(name, value);
    if (isNamed(name, 'content-length')) {
      if (length !== undefined) throw new UnsendableRequest('there is more than one Content-Length');
      length = value;
    }
    text += `${name}: ${value}\r\n`;
  }
  if (length !== undefined) return { text: `${text}\r\n`, bodyBytes: bodyBytesOf(length, hasBody) };
  if (hasBody) return { text: `${text}Transfer-Encoding: chunked\r\n\r\n`, bodyBytes: undefined };
  return {
    text: EXPECTS_BODY.has(method) ? `${text}Content-Length: 0\r\n\r\n` : `${text}\r\n`,
    bodyBytes: 0,
  };
}

function checkField(name: string, value: string): void {
  if (!isFieldName(name) || !isFieldValue(value))
    throw new UnsendableRequest('a header field can not be written');
  if (isNamed(name, 'transfer-encoding'))
    throw new UnsendableRequest('how the body is delimited is not for others to say');
}

function bodyBytesOf(contentLength: string, hasBody: boolean): number {
  if (!/^\d{1,15}$/.test(contentLength)) throw new UnsendableRequest('the Content-Length is no number');
  const bytes = Number(contentLength);
  if (bytes > 0 && !hasBody) throw new UnsendableRequest('there is no body for the Content-Length');
  return bytes;
}
