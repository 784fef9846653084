/** Rolling up in the background, by one of the replicas. */
import { type Clock, createPool, type Logger, repeat } from '@hokusai/service-kit';
import { createRoller } from './application/roller.ts';
import { asRoller } from './storage/roller-lock.ts';
import { createRollupStore } from './storage/rollups.ts';

export interface RollingOptions {
  databaseUrl: string;
  clock: Clock;
  logger: Logger;
}

const IDLE_MS = 2000;
const RETRY_MS = 2000;
/** A statement rolls up as much as a minute of tens of thousands of requests a second. */
const QUERY_TIMEOUT_MS = 300_000;

/** Takes turns until it is closed, which waits for the turn that is under way. */
export function startRolling({ databaseUrl, clock, logger }: RollingOptions) {
  const pool = createRollingPool(databaseUrl, (error) =>
    logger.warn({ err: error }, 'an idle database connection was lost'),
  );
  const turn = createRoller({
    clock,
    asLeader: (work) => asRoller(pool, (client) => work(createRollupStore(client))),
  });
  const rolling = repeat({ name: 'rolling up', turn, idleMs: IDLE_MS, retryMs: RETRY_MS, logger });
  return {
    close: async () => {
      await rolling.close();
      await pool.end();
    },
  };
}

/** One connection, whose statements may take their time. */
export function createRollingPool(connectionString: string, onError: (error: Error) => void) {
  return createPool({
    connectionString,
    max: 1,
    applicationName: 'hokusai-usage-rollups',
    queryTimeoutMs: QUERY_TIMEOUT_MS,
    onError,
  });
}
