/** Health of a process: alive while it can answer, ready while what it depends on answers. */
import { createServer } from 'node:http';
import { type ListeningAddress, listenAt } from './listening.ts';
import type { Metrics } from './telemetry/metrics.ts';

/** Resolves if the dependency answers, rejects if it does not. */
export type HealthCheck = () => Promise<unknown>;

export interface HealthReport {
  ready: boolean;
  /** `ok`, or in a few words why not, by dependency. */
  checks: Record<string, string>;
  /** What somebody has to see to, though requests can be served. */
  alarms?: Record<string, string>;
}

/** In a few words what is wrong; undefined: nothing. */
export type Alarm = () => string | undefined;

const CHECK_LIMIT_MS = 2000;

/** Asks every dependency at the same time; one that does not answer in 2 s counts as down. */
export async function checkHealth(checks: Readonly<Record<string, HealthCheck>>): Promise<HealthReport> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
  );
  return { ready: results.every(([, outcome]) => outcome === 'ok'), checks: Object.fromEntries(results) };
}

async function outcomeOf(check: HealthCheck): Promise<string> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer in ${CHECK_LIMIT_MS} ms`)), CHECK_LIMIT_MS);
  try {
    await Promise.race([check(), timeout]);
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/** Serves `/livez`, `/readyz` and `/metrics` on an internal address, from the checks, alarms and metrics of this process. */
export function startHealthServer(
  address: ListeningAddress,
  checks: Readonly<Record<string, HealthCheck>>,
  alarms: Readonly<Record<string, Alarm>> = {},
  metrics?: Pick<Metrics, 'text'>,
): Promise<HealthServer> {
  const report = async () => ({ ...(await checkHealth(checks)), ...raised(alarms) });
  return serveHealth(address, report, metrics);
}

function raised(alarms: Readonly<Record<string, Alarm>>): Pick<HealthReport, 'alarms'> {
  const entries = Object.entries(alarms)
    .map(([name, alarm]) => [name, alarm()] as const)
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  return entries.length === 0 ? {} : { alarms: Object.fromEntries(entries) };
}

/** Prometheus' text format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Serves `/livez` and `/readyz` on an internal address, and `/metrics` where there are any. Throws StartupError if it can't. */
export async function serveHealth(
  address: ListeningAddress,
  reportHealth: () => Promise<HealthReport>,
  metrics?: Pick<Metrics, 'text'>,
): Promise<HealthServer> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics' && metrics) {
      const text = await metrics.text().catch(() => undefined);
      // What can't be told now is no reason for the process to end.
      if (text === undefined) return response.writeHead(500).end();
      return response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text);
    }
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    if (path === '/livez') return answer(200, { alive: true });
    if (path !== '/readyz')
      return answer(404, { message: 'only /livez, /readyz and /metrics are served here' });
    const report = await reportHealth();
    return answer(report.ready ? 200 : 503, report);
  });
  const port = await listenAt(server, address, 'HEALTH');
  return {
    port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
