/** Rows of folded sums as answers. */
import { quantileMs } from '../domain/latency-sketch.ts';
import type { UsageTotals } from '../domain/ports.ts';

/** Of FOLDED_COLUMNS. */
export interface SumsRow {
  requests: string;
  informational: string;
  successful: string;
  redirected: string;
  client_errors: string;
  server_errors: string;
  bytes_in: string;
  bytes_out: string;
  /** Counts of a JSON number: below 2^53. */
  refusals: Record<string, number>;
  latency_buckets: number[];
  latency_counts: string[];
}

export function totalsOf(row: SumsRow): UsageTotals {
  const sketch = { buckets: row.latency_buckets, counts: row.latency_counts.map(BigInt) };
  const [p50, p90, p99] = [quantileMs(sketch, 50), quantileMs(sketch, 90), quantileMs(sketch, 99)];
  const hasLatency = p50 !== null && p90 !== null && p99 !== null;
  return {
    requests: row.requests,
    errors: row.server_errors,
    statuses: {
      informational: row.informational,
      successful: row.successful,
      redirected: row.redirected,
      clientErrors: row.client_errors,
      serverErrors: row.server_errors,
    },
    refused: Object.fromEntries(Object.entries(row.refusals).map(([reason, count]) => [reason, `${count}`])),
    latencyMs: hasLatency ? { p50, p90, p99 } : null,
    bytesIn: row.bytes_in,
    bytesOut: row.bytes_out,
  };
}

export function noUsage(): UsageTotals {
  return {
    requests: '0',
    errors: '0',
    statuses: { informational: '0', successful: '0', redirected: '0', clientErrors: '0', serverErrors: '0' },
    refused: {},
    latencyMs: null,
    bytesIn: '0',
    bytesOut: '0',
  };
}
