/** Answers, each from one snapshot of the database. */
import type { Pool } from '@hokusai/service-kit';
import type { UsageReader } from '../domain/ports.ts';
import { integrity } from './accounts.ts';
import { endpoints, series, summary, top } from './answers.ts';
import { observedClients } from './observed-refusals.ts';
import { inSnapshot, type Snapshot } from './snapshot.ts';
import { unusedKeys } from './unused-keys.ts';

export function createUsageReader(pool: Pool): UsageReader {
  const answer = <Result>(work: (snapshot: Snapshot) => Promise<Result>) => inSnapshot(pool, work);
  return {
    summary: (selection) => answer((snapshot) => summary(snapshot, selection)),
    series: (selection, starts) => answer((snapshot) => series(snapshot, selection, starts)),
    endpoints: (selection) => answer((snapshot) => endpoints(snapshot, selection)),
    top: (selection, dimension, limit) =>
      answer((snapshot) => top(snapshot, selection, { dimension, limit })),
    unusedKeys: (query) => answer((snapshot) => unusedKeys(snapshot, query)),
    observed: (period, limit) => observedClients(pool, period, limit),
    integrity: (query) => answer((snapshot) => integrity(snapshot, query)),
  };
}
