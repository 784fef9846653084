/** The change feed of one replica with what it stands on. */
import { type Clock, createPool, type Logger } from '@hokusai/service-kit';
import { ChangeFeed } from './change-feed.ts';
import { startLogKeeper } from './log-keeper.ts';
import { createFollowStore } from './store.ts';

export interface OpenFeedOptions {
  databaseUrl: string;
  clock: Clock;
  logger: Logger;
}

export interface OpenFeed {
  feed: ChangeFeed;
  /** Ends all streams, then the connection. */
  close(): Promise<void>;
}

/** Followers trust for a few seconds only: a round that hangs for longer than this has failed. */
const ROUND_STATEMENT_LIMIT_MS = 2000;

/** A feed on a connection of its own, so that no other work of the replica can hold up a tick. */
export function openChangeFeed({ databaseUrl, clock, logger }: OpenFeedOptions): OpenFeed {
  const pool = createPool({
    connectionString: databaseUrl,
    max: 1,
    applicationName: 'hokusai-keys-follow',
    queryTimeoutMs: ROUND_STATEMENT_LIMIT_MS,
    onError: (err) => logger.warn({ err }, 'the connection of the change feed broke'),
  });
  const store = createFollowStore(pool);
  const feed = new ChangeFeed({ store, clock, logger });
  const keeper = startLogKeeper(store, clock, logger);
  const close = async () => {
    await Promise.all([feed.close(), keeper.close()]);
    await pool.end();
  };
  return { feed, close };
}
