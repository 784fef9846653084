/** Usage as it has to be: plain sums over requests, without a database. */
import type { UsageRequest } from '@hokusai/contracts';
import type { UsageSelection } from '../../src/domain/access.ts';
import { bucketValueMs, latencyBucket } from '../../src/domain/latency-sketch.ts';
import { STATUS_CLASSES, type UsageTotals } from '../../src/domain/ports.ts';

export interface ModelSums {
  requests: number;
  classes: number[];
  bytesIn: number;
  bytesOut: number;
  refusals: Record<string, number>;
  sketch: Record<number, number>;
}

export function sumsOfRequests(requests: readonly UsageRequest[]): ModelSums {
  const sums: ModelSums = {
    requests: requests.length,
    classes: [0, 0, 0, 0, 0],
    bytesIn: 0,
    bytesOut: 0,
    refusals: {},
    sketch: {},
  };
  for (const request of requests) {
    const status = Math.floor(request.status_code / 100) - 1;
    sums.classes[status] = (sums.classes[status] ?? 0) + 1;
    sums.bytesIn += request.bytes_in;
    sums.bytesOut += request.bytes_out;
    if (request.refusal) sums.refusals[request.refusal] = (sums.refusals[request.refusal] ?? 0) + 1;
    const bucket = latencyBucket(request.response_time_ms);
    sums.sketch[bucket] = (sums.sketch[bucket] ?? 0) + 1;
  }
  return sums;
}

/** Percentiles exact in their ranks, then rounded to what stands for their bucket. */
export function totalsOfRequests(requests: readonly UsageRequest[]): UsageTotals {
  const sums = sumsOfRequests(requests);
  const sorted = requests.map(({ response_time_ms }) => response_time_ms).toSorted((a, b) => a - b);
  const rank = (percent: number) => sorted[Math.ceil((percent * sorted.length) / 100) - 1] as number;
  const quantile = (percent: number) => bucketValueMs(latencyBucket(rank(percent)));
  return {
    requests: String(sums.requests),
    errors: String(sums.classes[4]),
    statuses: Object.fromEntries(
      STATUS_CLASSES.map((name, index) => [name, String(sums.classes[index])]),
    ) as UsageTotals['statuses'],
    refused: Object.fromEntries(Object.entries(sums.refusals).map(([reason, n]) => [reason, String(n)])),
    latencyMs: sorted.length === 0 ? null : { p50: quantile(50), p90: quantile(90), p99: quantile(99) },
    bytesIn: String(sums.bytesIn),
    bytesOut: String(sums.bytesOut),
  };
}

export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

export function selectRequests<Request extends UsageRequest>(
  requests: readonly Request[],
  { keyId, userId, endpoint, from, to }: UsageSelection,
): Request[] {
  return requests.filter(
    (request) =>
      (keyId === null || request.key_id === keyId) &&
      (userId === null || request.user_id === userId) &&
      (endpoint === null || request.endpoint === endpoint) &&
      Date.parse(request.timestamp) >= from.getTime() &&
      Date.parse(request.timestamp) < to.getTime(),
  );
}
