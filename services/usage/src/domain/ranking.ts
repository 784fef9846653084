/** Which endpoints come first. */
import type { EndpointUsage } from './ports.ts';

export type EndpointOrder = 'requests' | 'slowest';

/** Most requests first, or longest 99th percentile; equals by name, so that the order is always the same. */
export function inOrder(endpoints: readonly EndpointUsage[], order: EndpointOrder): EndpointUsage[] {
  const p99 = ({ totals }: EndpointUsage) => totals.latencyMs?.p99 ?? 0;
  const byName = (a: EndpointUsage, b: EndpointUsage) =>
    compare(a.endpoint, b.endpoint) || compare(a.method, b.method);
  return endpoints.toSorted((a, b) => {
    const first = order === 'slowest' ? p99(b) - p99(a) : 0;
    return first || Number(BigInt(b.totals.requests) - BigInt(a.totals.requests)) || byName(a, b);
  });
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}
