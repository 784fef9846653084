/** The Express app: everything that does not go to an upstream. */
import { HokusaiError } from '@hokusai/contracts';
import type { HealthCheck } from '@hokusai/service-kit';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Exchange } from '../exchange.ts';
import type { Fail } from '../fail.ts';
import { healthRoutes } from './health-routes.ts';
import { type KeysRoutesOptions, keysRoutes } from './keys-routes.ts';
import { attachExchange, exchangeOf } from './request.ts';

export interface ApiOptions extends KeysRoutesOptions {
  checks: Readonly<Record<string, HealthCheck>>;
  fail: Fail;
}

/** Serves an exchange whose canonical URL is `url`. */
export type ApiDoor = (exchange: Exchange, url: string) => void;

export function createApiDoor(options: ApiOptions): ApiDoor {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').enable('strict routing');
  app.use(healthRoutes(options.checks));
  app.use('/api/v1/auth', keysRoutes(options));
  app.use(notFound);
  const onError: ErrorRequestHandler = (thrown, request, _response, _next) =>
    options.fail(exchangeOf(request), thrown);
  app.use(onError);
  return (exchange, url) => {
    const { incoming, outgoing } = exchange;
    attachExchange(exchange);
    incoming.url = url;
    app(incoming, outgoing);
  };
}

const notFound: RequestHandler = () => {
  throw new HokusaiError(
    'not_found',
    'There is nothing at this address. MLflow is at /mlflow, the management API at /api/v1.',
    { reason: 'unknown_route' },
  );
};
