/** Keeps the answer of the gRPC health protocol true. */
import { checkHealth, type HealthCheck } from '../health.ts';
import { pause } from '../wakeup.ts';
import type { RunningGrpcServer } from './server.ts';

const CHECK_EVERY_MS = 1000;

/** Says SERVING while all of the checks pass, asking them each second. Returns what ends it. */
export function reportHealth(
  server: Pick<RunningGrpcServer, 'setServing'>,
  checks: Readonly<Record<string, HealthCheck>>,
): () => Promise<void> {
  const stopping = new AbortController();
  const reporting = report(server, checks, stopping.signal);
  return () => {
    stopping.abort();
    return reporting;
  };
}

async function report(
  server: Pick<RunningGrpcServer, 'setServing'>,
  checks: Readonly<Record<string, HealthCheck>>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { ready } = await checkHealth(checks);
    server.setServing(ready && !signal.aborted);
    await pause(CHECK_EVERY_MS, signal);
  }
}
