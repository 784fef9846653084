/** `/livez` and `/readyz`, for load balancers: without a key, and without what is only for operators. */
import { checkHealth, type HealthCheck } from '@hokusai/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { serveAddress } from './addresses.ts';
import { answerJson, exchangeOf } from './request.ts';

const liveness = z.strictObject({ alive: z.literal(true) });
const readiness = z.strictObject({
  ready: z.boolean(),
  /** By dependency. */
  checks: z.record(z.string(), z.enum(['ok', 'failing'])),
});

export function healthRoutes(checks: Readonly<Record<string, HealthCheck>>): Router {
  const router = Router({ caseSensitive: true, strict: true });
  serveAddress(router, '/livez', {
    get: (request) => answerJson(exchangeOf(request), 200, liveness.parse({ alive: true })),
  });
  serveAddress(router, '/readyz', {
    get: async (request) => {
      const report = await checkHealth(checks);
      const outcomes = Object.entries(report.checks).map(
        ([name, outcome]) => [name, outcome === 'ok' ? 'ok' : 'failing'] as const,
      );
      const body = readiness.parse({ ready: report.ready, checks: Object.fromEntries(outcomes) });
      answerJson(exchangeOf(request), report.ready ? 200 : 503, body);
    },
  });
  return router;
}
