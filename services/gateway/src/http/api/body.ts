/** Reads the JSON body of a request, of a bounded size and depth and in a bounded time. */

import { HokusaiError } from '@hokusai/contracts';
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { type Request, type Response, raw } from 'express';
import { exchangeOf } from './request.ts';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_BODY_MS = 30_000;
/**
 * Well above what the keys service takes, and well below what the checks, which are recursive, and the
 * messages to that service can carry.
 */
const MAX_BODY_DEPTH = 16;

const collect = raw({ limit: MAX_BODY_BYTES, type: () => true });

/**
 * The parsed body; `{}` if there is none. Throws `invalid_request` for what is no JSON or could be read in
 * two ways, and `unprocessable` for what is nested too deeply to be looked at.
 */
export async function readBody(request: Request, response: Response): Promise<unknown> {
  const exchange = exchangeOf(request);
  if (!hasBody(request)) return {};
  if (!isJson(request.headers['content-type'])) throw invalid('unsupported_media_type', NOT_JSON);
  if (exchange.expectsContinue) response.writeContinue();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(invalid('request_timeout', TOO_SLOW)), MAX_BODY_MS);
  try {
    await Promise.race([late, collected(request, response)]);
  } finally {
    clearTimeout(timer);
  }
  const bytes = request.body as Buffer;
  exchange.bytesIn += Number(request.headers['content-length'] ?? bytes.length);
  return bytes.length === 0 ? {} : parsed(bytes);
}

/** Throws `invalid_request` if a request has a body where none has a meaning. */
export function refuseBody(request: Request): void {
  if (hasBody(request)) throw invalid('unexpected_body', UNEXPECTED);
}

const TOO_SLOW = "The request's body did not come in time.";
const TOO_LARGE = `The request's body is larger than ${MAX_BODY_BYTES} bytes.`;
const NOT_JSON = 'Send a JSON object as the body, in UTF-8, with Content-Type: application/json.';
const UNREADABLE = "The request's body is not JSON that can be read.";
const NOT_UTF8 = "The request's body is not UTF-8.";
const UNEXPECTED = 'This takes no body: leave it out.';

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || !/^0*$/.test(headers['content-length'] ?? '');
}

/** RFC 8259 knows no other encoding than UTF-8. */
function isJson(contentType = ''): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='));
  return type.trim() === 'application/json' && /^(charset="?utf-?8"?)?$/.test(charset ?? '');
}

function collected(request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    collect(request, response, (error: unknown) =>
      error === undefined ? resolve() : reject(bodyError(error)),
    );
  });
}

/** body-parser says what was wrong in `type`; its messages may quote the body. */
function bodyError(error: unknown): HokusaiError {
  const { type } = error as { type?: unknown };
  if (type === 'entity.too.large') return invalid('body_too_large', TOO_LARGE);
  if (type === 'encoding.unsupported')
    return invalid('unsupported_media_type', 'The body must be plain, or packed by gzip, deflate or br.');
  return invalid('malformed_body', UNREADABLE);
}

function parsed(bytes: Buffer): unknown {
  const text = textOf(bytes);
  const value = jsonOf(text);
  if (!isContainer(value)) throw invalid('malformed_body', NOT_JSON);
  if (isDeeperThan(MAX_BODY_DEPTH, value)) throw tooDeep();
  const name = doubtfulMember(text);
  if (name === undefined) return value;
  const message = `The member ${JSON.stringify(name.slice(0, 100))} stands twice in one object of the body, or has a name that can't be kept.`;
  throw invalid('malformed_body', message);
}

/** Decoders replace what is not UTF-8 by default, without a word. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('malformed_body', NOT_UTF8);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('malformed_body', UNREADABLE);
  }
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}:]/g;

/**
 * The first member name that stands twice in its object, where parsers disagree about which one counts, or
 * that is `__proto__`, which object literals lose. The text is valid JSON.
 */
function doubtfulMember(text: string): string | undefined {
  const objects: Set<string>[] = [];
  let lastString = '""';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (token !== ':') lastString = token;
    else {
      const name = JSON.parse(lastString) as string;
      const names = objects.at(-1);
      if (names?.has(name) || name === '__proto__') return name;
      names?.add(name);
    }
  }
  return undefined;
}

/** Without recursion, for it is asked about anything that JSON can be. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < levels && level.length > 0; depth += 1)
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  return level.length > 0;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function tooDeep(): HokusaiError {
  const message = `is nested deeper than ${MAX_BODY_DEPTH} levels`;
  return new HokusaiError('unprocessable', `The request is not valid: it ${message}.`, {
    reason: 'invalid_values',
    violations: [{ path: '', message }],
  });
}

function invalid(reason: ErrorReason, message: string): HokusaiError {
  return new HokusaiError('invalid_request', message, { reason });
}
