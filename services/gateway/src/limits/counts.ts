/** What the limits have done since the start. */
export interface LimitCounts {
  /** Requests. */
  admitted: number;
  refused: number;
  /** Of the refused: answered without asking, since nothing could have changed. */
  fromMemory: number;
  /** Of all: decided without Redis. */
  withoutRedis: number;
  /** Admitted without Redis and charged later. */
  settled: number;
  /** Times that a server could not be asked any more. */
  losses: number;
  /** Times that Redis was found to have lost what it held, by a flush or a failover. */
  flushes: number;
}

export function newLimitCounts(): LimitCounts {
  return { admitted: 0, refused: 0, fromMemory: 0, withoutRedis: 0, settled: 0, losses: 0, flushes: 0 };
}
