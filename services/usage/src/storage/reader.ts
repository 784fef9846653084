/** Answers, each from one snapshot of the database. */
import type { Clock, Pool } from '@hokusai/service-kit';
import type { UsageReader } from '../domain/ports.ts';
import { integrity } from './accounts.ts';
import { endpoints, series, summary, top } from './answers.ts';
import { inSnapshot, type RetentionDays, type Snapshot } from './snapshot.ts';
import { unusedKeys } from './unused-keys.ts';

export interface ReaderOptions {
  pool: Pool;
  clock: Clock;
  retention: RetentionDays;
}

export function createUsageReader({ pool, ...options }: ReaderOptions): UsageReader {
  const answer = <Result>(work: (snapshot: Snapshot) => Promise<Result>) => inSnapshot(pool, options, work);
  return {
    summary: (selection) => answer((snapshot) => summary(snapshot, selection)),
    series: (selection, starts) => answer((snapshot) => series(snapshot, selection, starts)),
    endpoints: (selection) => answer((snapshot) => endpoints(snapshot, selection)),
    top: (selection, dimension, limit) =>
      answer((snapshot) => top(snapshot, selection, { dimension, limit })),
    unusedKeys: (query) => answer((snapshot) => unusedKeys(snapshot, query)),
    integrity: (query) => answer((snapshot) => integrity(snapshot, query)),
  };
}
