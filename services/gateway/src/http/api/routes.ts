/** Routes for operations: authentication, what came with the request, and the answer. */
import { type Request, type RequestHandler, Router } from 'express';
import type { RateLimiter } from '../../domain/ports.ts';
import { charge, showLimits } from '../charge.ts';
import type { Gate } from '../gate.ts';
import { serveAddress } from './addresses.ts';
import { readBody, refuseBody } from './body.ts';
import { authenticate, rawQueryOf } from './caller.ts';
import type { Operation } from './operation.ts';
import { answerRecords } from './records.ts';
import { answerJson, answerText, exchangeOf } from './request.ts';

/** As usage and audit know it. */
const UPSTREAM = 'api';
const CSV = 'text/csv';

export function operationRoutes(operations: readonly Operation[], gate: Gate, limiter: RateLimiter): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, atPath] of Map.groupBy(operations, ({ path }) => path)) {
    const handlers = atPath.map(
      (operation) => [operation.method, handlerOf(operation, gate, limiter)] as const,
    );
    serveAddress(router, path.replace(/\{(\w+)\}/g, ':$1'), Object.fromEntries<RequestHandler>(handlers));
  }
  return router;
}

function handlerOf(operation: Operation, gate: Gate, limiter: RateLimiter): RequestHandler {
  return async (request, response) => {
    const exchange = exchangeOf(request);
    exchange.route = { upstream: UPSTREAM, endpoint: operation.path };
    if (operation.scope !== 'none') await authenticate(exchange, gate, operation.scope);
    if (operation.isFree) showLimits(exchange, limiter);
    else await charge(exchange, limiter);
    if (!operation.body) refuseBody(request);
    const body = operation.body ? await readBody(request, response) : {};
    const path = request.params as Record<string, string>;
    const rawQuery = rawQueryOf(request.url);
    const prefersCsv = operation.hasCsv && accepts(request, CSV);
    const { status, json, csv, location, records } = await operation.run(exchange, {
      path,
      rawQuery,
      body,
      prefersCsv,
    });
    if (records) return answerRecords(exchange, records);
    const headers = location === undefined ? [] : ['Location', exchange.client.outerPrefix + location];
    if (csv === undefined) answerJson(exchange, status, json, headers);
    else answerText(exchange, status, `${CSV}; charset=utf-8; header=present`, csv, nextLink(json, rawQuery));
  };
}

/** Rather than JSON. */
function accepts(request: Request, type: string): boolean {
  return request.accepts('application/json', type) === type;
}

/** A table has no place for the cursor of the next page: it goes into a link (RFC 8288). */
function nextLink(page: unknown, rawQuery: string): string[] {
  const { next_cursor: cursor } = page as { next_cursor?: string | null };
  if (typeof cursor !== 'string') return [];
  const query = new URLSearchParams(rawQuery);
  query.set('cursor', cursor);
  return ['Link', `<?${query}>; rel="next"`];
}
