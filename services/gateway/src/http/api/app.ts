/** The Express app: everything that does not go to an upstream. */
import { HokusaiError } from '@hokusai/contracts';
import type { HealthCheck } from '@hokusai/service-kit';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { RateLimiter, SignInReporter } from '../../domain/ports.ts';
import type { Exchange } from '../exchange.ts';
import type { Fail } from '../fail.ts';
import type { Gate } from '../gate.ts';
import { described, version } from './about.ts';
import { auditOperations } from './audit/operations.ts';
import { docsRoutes } from './docs/reader.ts';
import { healthRoutes } from './health-routes.ts';
import { keyOperations } from './keys/operations.ts';
import { attachExchange, exchangeOf } from './request.ts';
import { operationRoutes } from './routes.ts';
import type {
  AuditClient,
  KeyManagementClient,
  UsageClient,
  UserManagementClient,
  WitnessClient,
} from './service-calls.ts';
import { usageOperations } from './usage/operations.ts';
import { userOperations } from './users/operations.ts';
import { signInOperation, whoami } from './whoami.ts';

export interface ApiOptions {
  gate: Gate;
  limiter: RateLimiter;
  keys: KeyManagementClient;
  users: UserManagementClient;
  usage: UsageClient;
  audit: AuditClient;
  witnesses: WitnessClient;
  signIns: SignInReporter;
  checks: Readonly<Record<string, HealthCheck>>;
  fail: Fail;
}

/** Serves an exchange whose canonical URL is `url`. */
export type ApiDoor = (exchange: Exchange, url: string) => void;

export function createApiDoor(options: ApiOptions): ApiDoor {
  const { gate, limiter, keys, users, usage, audit, witnesses, signIns, checks, fail } = options;
  const operations = described([
    ...keyOperations(keys),
    ...userOperations(users),
    ...usageOperations(usage),
    ...auditOperations(audit, witnesses),
    signInOperation(signIns),
    whoami,
    version,
  ]);
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
    app(incoming, outgoing);
  };
}

const notFound: RequestHandler = () => {
  throw new HokusaiError(
    'not_found',
    'There is nothing at this address. MLflow is at /mlflow, the management API at /api/v1 (described at /api/v1/docs).',
    { reason: 'unknown_route' },
  );
};
