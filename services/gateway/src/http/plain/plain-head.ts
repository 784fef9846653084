/**
 * Heads of requests that can be read in one way only, and need nothing but to be answered. The rules are narrower than
 * those of HTTP, on purpose: what is left out is not refused, but read by Node.
 */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface PlainHead extends PlainFields {
  method: string;
  /** Path and query, undecoded. */
  url: string;
  /** Where it ends, behind its empty line. */
  end: number;
}

interface PlainFields {
  /** Names and values, flat, as they were sent. */
  rawHeaders: string[];
  /** By names in lower case. */
  headers: IncomingHttpHeaders;
  bodyBytes: number;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
/** Of a target: what a URI may hold (RFC 3986), less what begins a fragment. */
const REQUEST_LINE =
  /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%[\]]*) HTTP\/1\.1$/;
/** A line break can't be in it, nor what several programs read in several ways: control characters, other alphabets. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;
const LENGTH = /^\d{1,15}$/;

/** What makes a request more than plain. */
const NOT_PLAIN: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'trailer',
  'expect',
  'upgrade',
  'proxy-connection',
  // Node has a list of it.
  'set-cookie',
]);

/** What is kept of a head for the next one. */
const MAX_KEPT_BYTES = 4096;

/** Reads the heads of one connection. Clients send the same fields with each: those are read once. */
export class PlainHeadReader {
  #lastSection: Buffer | undefined;
  #lastFields: PlainFields | undefined;

  /** Undefined for what is not plain, or not whole. */
  read(bytes: Buffer): PlainHead | undefined {
    const end = bytes.indexOf(HEAD_END);
    const lineEnd = end < 0 ? -1 : bytes.indexOf(LINE_END);
    const [, method, url] = REQUEST_LINE.exec(bytes.toString('latin1', 0, Math.max(lineEnd, 0))) ?? [];
    if (method === undefined || url === undefined || lineEnd === end) return undefined;
    const fields = this.#fieldsOf(bytes.subarray(lineEnd + LINE_END.length, end));
    if (!fields) return undefined;
    const { rawHeaders, headers, bodyBytes } = fields;
    return { method, url, rawHeaders, headers, bodyBytes, end: end + HEAD_END.length };
  }

  #fieldsOf(section: Buffer): PlainFields | undefined {
    if (this.#lastSection && isSame(this.#lastSection, section)) return this.#lastFields;
    const fields = plainFields(section.toString('latin1'));
    if (fields && section.length <= MAX_KEPT_BYTES) {
      // A copy: the rest of what came with it is not to be kept.
      this.#lastSection = Buffer.from(section);
      this.#lastFields = fields;
    }
    return fields;
  }
}

/** There are keys in them, and behind a proxy those of several users: nobody is to learn how much of one he has guessed. */
function isSame(last: Buffer, section: Buffer): boolean {
  return last.length === section.length && timingSafeEqual(last, section);
}

function plainFields(section: string): PlainFields | undefined {
  const rawHeaders: string[] = [];
  // No name of a field is a property that it has already.
  const headers = Object.create(null) as Record<string, string>;
  for (const line of section.split('\r\n')) {
    const [, name, padded] = FIELD.exec(line) ?? [];
    if (name === undefined || padded === undefined) return undefined;
    const lower = name.toLowerCase();
    const value = padded.trim();
    // Which of two is meant depends on the name, and on who reads it.
    if (lower in headers || !isPlain(lower, value)) return undefined;
    headers[lower] = value;
    rawHeaders.push(name, value);
  }
  if (headers['host'] === undefined) return undefined;
  return { rawHeaders, headers, bodyBytes: Number(headers['content-length'] ?? 0) };
}

function isPlain(name: string, value: string): boolean {
  if (name === 'connection') return value.toLowerCase() === 'keep-alive';
  return name === 'content-length' ? LENGTH.test(value) : !NOT_PLAIN.has(name);
}
