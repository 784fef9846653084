import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  timeoutMs?: number;
  intervalMs?: number;
}

/** Far longer than anything takes: a machine that is busy with something else must not look like a fault. */
const PATIENCE_MS = 30_000;

/**
 * Repeats `check` until it doesn't throw, and returns its value. After `timeoutMs` (30 s) the last error is
 * thrown. For what another process does in its own time; where there is an event, await that.
 */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  { timeoutMs = PATIENCE_MS, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Value> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(intervalMs);
  }
}
