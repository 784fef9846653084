/** Keeps the answer of the gRPC health protocol true. */
import { checkHealth, type HealthCheck } from '../health.ts';
import { pause } from '../wakeup.ts';
import type { RunningGrpcServer } from './server.ts';

const CHECK_EVERY_MS = 1000;

/**
 * Says SERVING while all of the checks pass, asking them each second. Resolves after the first answer, to
 * the function that ends it.
 */
export async function reportHealth(
  server: Pick<RunningGrpcServer, 'setServing'>,
  checks: Readonly<Record<string, HealthCheck>>,
): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const look = async () => {
    const { ready } = await checkHealth(checks);
    if (!stopping.signal.aborted) server.setServing(ready);
  };
  await look();
  const looking = repeat(look, stopping.signal);
  return () => {
    stopping.abort();
    return looking;
  };
}

async function repeat(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(CHECK_EVERY_MS, signal);
    if (!signal.aborted) await look();
  }
}
