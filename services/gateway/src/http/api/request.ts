/** A request of the management API: what it came with, checked; and its answer. */
import { type HokusaiError, unprocessable, type Violation } from '@hokusai/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import { rateLimitHeaders } from '../charge.ts';
import type { Exchange } from '../exchange.ts';

/** In characters, of what is told of a path. */
const MAX_PATH = 200;

const exchanges = new WeakMap<object, Exchange>();

/** Lets `exchangeOf` find the exchange of a request that Express gets to see. */
export function attachExchange(exchange: Exchange): void {
  exchanges.set(exchange.incoming, exchange);
}

export function exchangeOf(request: Request): Exchange {
  const exchange = exchanges.get(request);
  if (!exchange) throw new Error('a request came in past the gateway');
  return exchange;
}

/**
 * Everything that is wrong with a value, and where; what is wrong with a list or an object as a whole comes
 * before what is wrong in it, so that very many entries don't hide that they are too many.
 */
export function violationsOf({ issues }: z.ZodError): Violation[] {
  return telling(issues)
    .toSorted((a, b) => a.path.length - b.path.length)
    .flatMap((issue) => {
      const path = pathOf(issue.path);
      if (issue.code === 'invalid_type' && path === '') return [{ path, message: 'expected a JSON object' }];
      if (issue.code !== 'unrecognized_keys') return [{ path, message: decapitalised(issue.message) }];
      return issue.keys.map((key) => ({
        path: pathOf([...issue.path, key]),
        message: 'there is no such field',
      }));
    });
}

type Issue = z.ZodError['issues'][number];

/**
 * Without what says nothing more: of a value of the wrong type its length, for Zod measures texts as it does
 * lists; and of an object with unknown fields, which were meant to be some, that it has none.
 */
function telling(issues: readonly Issue[]): Issue[] {
  const placesOf = (sought: Issue['code']) =>
    new Set(issues.filter(({ code }) => code === sought).map(({ path }) => pathOf(path)));
  const [mistyped, unrecognized] = [placesOf('invalid_type'), placesOf('unrecognized_keys')];
  return issues.filter(({ code, path }) => {
    if (code === 'too_big' || code === 'too_small') return !mistyped.has(pathOf(path));
    return code !== 'custom' || !unrecognized.has(pathOf(path));
  });
}

/** `unprocessable` with what is wrong with a request. */
export function invalidValues(violations: readonly Violation[]): HokusaiError {
  return unprocessable(violations, { what: 'The request is not valid', reason: 'invalid_values' });
}

/** `scopes[1]`, `metadata.team`. Names come from the request and may be of any length. */
function pathOf(keys: readonly PropertyKey[]): string {
  const steps = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  const path = steps.join('').replace(/^\./, '');
  return (path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path).toWellFormed();
}

function decapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Answers with JSON. */
export function answerJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: readonly string[] = [],
): void {
  answerText(exchange, status, 'application/json', `${JSON.stringify(value)}\n`, headers);
}

/** Answers with a text of a type. */
export function answerText(
  exchange: Exchange,
  status: number,
  contentType: string,
  text: string,
  headers: readonly string[],
): void {
  const { incoming, outgoing, requestId } = exchange;
  const body = Buffer.from(text);
  const own = ['Content-Type', contentType, 'Content-Length', String(body.length)];
  // Answers are about keys and change at any time; one of them holds a key.
  own.push('Cache-Control', 'no-store', 'X-Request-ID', requestId, ...rateLimitHeaders(exchange), ...headers);
  outgoing.writeHead(status, own);
  outgoing.end(body);
  if (incoming.method !== 'HEAD') exchange.bytesOut += body.length;
  exchange.markFirstByte();
}
