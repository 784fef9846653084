/** A request of the management API: what it came with, checked; and its answer. */
import { unprocessable, type Violation } from '@hokusai/contracts';
import type { Request } from 'express';
import type { z } from 'zod';
import type { Exchange } from '../exchange.ts';

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

/** The value as the schema has it. Throws `unprocessable` with what is wrong with it. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const violations = result.error.issues.flatMap(violationsOf);
  throw unprocessable(violations, { what: 'The request is not valid', reason: 'invalid_values' });
}

function violationsOf(issue: z.core.$ZodIssue): Violation[] {
  const path = pathOf(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: decapitalised(issue.message) }];
  return issue.keys.map((key) => ({
    path: pathOf([...issue.path, key]),
    message: 'there is no such field',
  }));
}

/** `scopes[1]`, `metadata.team`. */
function pathOf(keys: readonly PropertyKey[]): string {
  const steps = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return steps.join('').replace(/^\./, '');
}

function decapitalised(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** Answers with JSON. What does not fit the schema is a defect and goes out to nobody. */
export function answerJson<Schema extends z.ZodType>(
  exchange: Exchange,
  status: number,
  schema: Schema,
  value: z.input<Schema>,
  headers: readonly string[] = [],
): void {
  const { outgoing, requestId } = exchange;
  const body = Buffer.from(`${JSON.stringify(schema.parse(value))}\n`);
  const own = ['Content-Type', 'application/json', 'Content-Length', String(body.length)];
  // Answers are about keys and change at any time; one of them holds a key.
  own.push('Cache-Control', 'no-store', 'X-Request-ID', requestId, ...headers);
  outgoing.writeHead(status, own);
  outgoing.end(body);
  exchange.bytesOut += body.length;
  exchange.markFirstByte();
}
