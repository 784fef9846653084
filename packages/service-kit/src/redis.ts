/** A Redis client that fails fast: a cache that is away must cost milliseconds, not a hang. */
import { Redis } from 'ioredis';

export type RedisClient = Redis;

export interface RedisOptions {
  url: string;
  /** A command without an answer after that long fails. */
  commandTimeoutMs: number;
  /** Told of connection errors; each command fails on its own besides. */
  onError: (error: Error) => void;
}

export function createRedis({ url, commandTimeoutMs, onError }: RedisOptions): RedisClient {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    // Reconnects for ever, at most a second apart.
    retryStrategy: (attempt) => Math.min(50 * attempt, 1000),
    lazyConnect: false,
  });
  redis.on('error', onError);
  return redis;
}
