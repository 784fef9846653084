/** The Express app: everything that does not go to an upstream. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HokusaiError } from '@hokusai/contracts';
import type { HealthCheck } from '@hokusai/service-kit';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { RateLimiter } from '../../domain/ports.ts';
import type { Exchange } from '../exchange.ts';
import type { Fail } from '../fail.ts';
import type { Gate } from '../gate.ts';
import { docsRoutes } from './docs/reader.ts';
import { healthRoutes } from './health-routes.ts';
import { type ApiBackends, apiOperations } from './operations.ts';
import { attachExchange, exchangeOf } from './request.ts';
import { operationRoutes } from './routes.ts';

export interface ApiOptions extends ApiBackends {
  gate: Gate;
  limiter: RateLimiter;
  checks: Readonly<Record<string, HealthCheck>>;
  fail: Fail;
}

/** Serves an exchange whose canonical URL is `url`. */
export type ApiDoor = (exchange: Exchange, url: string) => void;

export function createApiDoor(options: ApiOptions): ApiDoor {
  const { gate, limiter, checks, fail } = options;
  const operations = apiOperations(options);
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').enable('strict routing');
  app.use(healthRoutes(checks), operationRoutes(operations, gate, limiter), docsRoutes());
  app.use(notFound);
  const onError: ErrorRequestHandler = (thrown, request, _response, _next) =>
    fail(exchangeOf(request), thrown);
  app.use(onError);
  return (exchange, url) => {
    const { incoming, outgoing } = exchange;
    attachExchange(exchange);
    incoming.url = url;
    app(incoming as IncomingMessage, outgoing as ServerResponse);
  };
}

const notFound: RequestHandler = () => {
  throw new HokusaiError(
    'not_found',
    'There is nothing at this address. MLflow is at /mlflow, the management API at /api/v1 (described at /api/v1/docs).',
    { reason: 'unknown_route' },
  );
};
