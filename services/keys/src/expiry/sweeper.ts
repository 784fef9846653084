/** Keeps sweeping in the background. Gateways don't wait for it: they judge expiry by themselves. */
import { type Logger, repeat } from '@hokusai/service-kit';
import { RETIRED_SECRET_RETENTION_MS } from '../domain/expiry.ts';
import { type SweepDependencies, sweep } from './sweep.ts';

export interface SweeperOptions extends SweepDependencies {
  intervalMs: number;
  logger: Logger;
}

export interface Sweeper {
  /** Resolves after the batch that is under way. */
  close(): Promise<void>;
}

const PURGE_LIMIT = 1000;

/** Every replica tries; one at a time gets to it. A failure is logged, and the next turn makes up for it. */
export function startSweeper({ intervalMs, ...options }: SweeperOptions): Sweeper {
  const { logger } = options;
  const turn = () => takeTurn(options);
  return repeat({ name: 'sweeping expiries', turn, idleMs: intervalMs, retryMs: intervalMs, logger });
}

/** True if there is more to do at once. */
async function takeTurn({ store, events, logger }: Omit<SweeperOptions, 'intervalMs'>): Promise<boolean> {
  const swept = await sweep({ store, events });
  if (swept === null) return false;
  const { hasMore, ...counts } = swept;
  if (counts.deactivated + counts.announced > 0) logger.info(counts, 'swept expiries');
  if (hasMore) return true;
  return (await store.purgeRetiredSecrets(RETIRED_SECRET_RETENTION_MS, PURGE_LIMIT)) === PURGE_LIMIT;
}
