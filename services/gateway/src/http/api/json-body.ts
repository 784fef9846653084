/** Reads a JSON body, of a bounded size and depth and in a bounded time. */
import { HokusaiError } from '@hokusai/contracts';
import { json, type Request, type RequestHandler, type Response } from 'express';
import { exchangeOf } from './request.ts';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_BODY_MS = 30_000;
/**
 * Well above what the keys service takes, and well below what the checks, which are recursive, and the
 * messages to that service can carry.
 */
const MAX_BODY_DEPTH = 16;

const parse = json({ limit: MAX_BODY_BYTES });

/**
 * Leaves the parsed body in `request.body`. Throws `invalid_request` for what is no JSON, and
 * `unprocessable` for what is nested too deeply to be looked at.
 */
export const readJson: RequestHandler = async (request, response, next) => {
  const exchange = exchangeOf(request);
  if (exchange.expectsContinue) response.writeContinue();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(invalid('request_timeout', TOO_SLOW)), MAX_BODY_MS);
  try {
    await Promise.race([late, parsed(request, response)]);
  } finally {
    clearTimeout(timer);
  }
  exchange.bytesIn += Number(request.headers['content-length'] ?? 0);
  if (request.body === undefined) throw invalid('unsupported_media_type', NOT_JSON);
  if (isDeeperThan(MAX_BODY_DEPTH, request.body)) throw tooDeep();
  next();
};

const TOO_SLOW = "The request's body did not come in time.";
const TOO_LARGE = `The request's body is larger than ${MAX_BODY_BYTES} bytes.`;
const NOT_JSON = 'Send a JSON object as the body, with Content-Type: application/json.';
const UNREADABLE = "The request's body is not JSON that can be read.";

function parsed(request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parse(request, response, (error: unknown) =>
      error === undefined ? resolve() : reject(bodyError(error)),
    );
  });
}

/** body-parser says what was wrong in `type`; its messages may quote the body. */
function bodyError(error: unknown): HokusaiError {
  const { type } = error as { type?: unknown };
  if (type === 'entity.too.large') return invalid('body_too_large', TOO_LARGE);
  if (type === 'charset.unsupported' || type === 'encoding.unsupported')
    return invalid('unsupported_media_type', 'The body must be UTF-8 text, plain, gzip, deflate or br.');
  return invalid('malformed_body', UNREADABLE);
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

function invalid(reason: string, message: string): HokusaiError {
  return new HokusaiError('invalid_request', message, { reason });
}
