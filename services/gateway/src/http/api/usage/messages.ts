/** The usage service's messages as JSON, and the other way round. */
import { toTimestamp } from '@hokusai/contracts';
import type { EndpointUsage__Output } from '@hokusai/contracts/gen/usage/v1/EndpointUsage';
import type { IncarnationIntegrity__Output } from '@hokusai/contracts/gen/usage/v1/IncarnationIntegrity';
import type { IntegrityStatuses__Output } from '@hokusai/contracts/gen/usage/v1/IntegrityStatuses';
import type { Latency__Output } from '@hokusai/contracts/gen/usage/v1/Latency';
import type { ObservedClient__Output } from '@hokusai/contracts/gen/usage/v1/ObservedClient';
import type { StatusClasses__Output } from '@hokusai/contracts/gen/usage/v1/StatusClasses';
import type { TimeBucket__Output } from '@hokusai/contracts/gen/usage/v1/TimeBucket';
import type { TopEntry__Output } from '@hokusai/contracts/gen/usage/v1/TopEntry';
import type { UnusedKey__Output } from '@hokusai/contracts/gen/usage/v1/UnusedKey';
import type { UsageFilter } from '@hokusai/contracts/gen/usage/v1/UsageFilter';
import type { UsageTotals__Output } from '@hokusai/contracts/gen/usage/v1/UsageTotals';
import type { UsagePeriod } from '@hokusai/contracts/usage-periods';
import { instantOf, knownInstantOf, present } from '../values.ts';
import type {
  BucketJson,
  EndpointJson,
  FilterQuery,
  IncarnationJson,
  IntegrityJson,
  ObservedClientJson,
  TopEntryJson,
  TotalsJson,
  UnusedKeyJson,
} from './schemas.ts';

export const GRANULARITY_NAMES = {
  minute: 'GRANULARITY_MINUTE',
  hour: 'GRANULARITY_HOUR',
  day: 'GRANULARITY_DAY',
} as const;

export const ORDERS = {
  requests: 'ENDPOINT_ORDER_REQUESTS',
  slowest: 'ENDPOINT_ORDER_SLOWEST',
} as const;

export const DIMENSIONS = {
  key: 'TOP_DIMENSION_KEY',
  endpoint: 'TOP_DIMENSION_ENDPOINT',
  client_ip: 'TOP_DIMENSION_CLIENT_IP',
} as const;

export function filterMessage(query: FilterQuery, period: UsagePeriod): UsageFilter {
  return {
    keyId: query.key_id ?? '',
    userId: query.user_id ?? '',
    endpoint: query.endpoint ?? '',
    from: toTimestamp(period.from),
    to: toTimestamp(period.to),
  };
}

export function periodJson({ from, to }: UsagePeriod) {
  return { from: from.toISOString(), to: to.toISOString() };
}

/** Counts come as decimal texts; JSON numbers hold them exactly up to 9 · 10¹⁵. */
export function totalsJson(message: UsageTotals__Output | null): TotalsJson {
  const totals = present(message, 'totals');
  const refused = Object.entries(totals.refused).map(([reason, number]) => [reason, Number(number)]);
  return {
    requests: Number(totals.requests),
    errors: Number(totals.errors),
    statuses: statusesJson(totals.statuses),
    refused: Object.fromEntries(refused),
    latency_ms: latencyJson(totals.latency),
    bytes_in: Number(totals.bytesIn),
    bytes_out: Number(totals.bytesOut),
  };
}

function statusesJson(statuses: StatusClasses__Output | null): TotalsJson['statuses'] {
  return {
    '1xx': Number(statuses?.informational ?? 0),
    '2xx': Number(statuses?.successful ?? 0),
    '3xx': Number(statuses?.redirected ?? 0),
    '4xx': Number(statuses?.clientErrors ?? 0),
    '5xx': Number(statuses?.serverErrors ?? 0),
  };
}

function latencyJson(latency: Latency__Output | null): TotalsJson['latency_ms'] {
  if (!latency) return null;
  return { p50: rounded(latency.p50Ms), p90: rounded(latency.p90Ms), p99: rounded(latency.p99Ms) };
}

/** To the microsecond: what is smaller is noise. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function bucketJson({ start, totals }: TimeBucket__Output): BucketJson {
  return { start: knownInstantOf(start), ...totalsJson(totals) };
}

export function endpointJson({ method, endpoint, totals }: EndpointUsage__Output): EndpointJson {
  return { method, endpoint, ...totalsJson(totals) };
}

export function topEntryJson({ value, label, totals }: TopEntry__Output): TopEntryJson {
  return { value, label: label || null, ...totalsJson(totals) };
}

export function unusedKeyJson(key: UnusedKey__Output): UnusedKeyJson {
  return {
    key_id: key.keyId,
    key_prefix: key.keyPrefix,
    name: key.name,
    user_id: key.userId || null,
    last_used_at: instantOf(key.lastUsedAt),
  };
}

const STATUSES: Readonly<Record<string, IncarnationJson['status']>> = {
  STATUS_OPEN: 'open',
  STATUS_BALANCED: 'balanced',
  STATUS_GAP: 'gap',
};

export function incarnationJson(account: IncarnationIntegrity__Output): IncarnationJson {
  return {
    incarnation: account.incarnation,
    gateway: account.gateway,
    // What is not known is not balanced.
    status: STATUSES[account.status] ?? 'unclean_end',
    assigned: Number(account.assigned),
    received: Number(account.received),
    stored: Number(account.stored),
    rolled_up: Number(account.rolledUp),
    clock_corrected: Number(account.clockCorrected),
    gaps: account.gaps.map(({ from, to }) => ({ from: Number(from), to: Number(to) })),
    gaps_left_out: Number(account.gapsLeftOut),
    last_known_assigned: Number(account.lastKnownAssigned),
    opened_at: instantOf(account.openedAt),
    last_heard_at: instantOf(account.lastHeardAt),
    closed_at: instantOf(account.closedAt),
  };
}

export function integrityStatusesJson(statuses: IntegrityStatuses__Output | null): IntegrityJson['statuses'] {
  return {
    open: Number(statuses?.open ?? 0),
    balanced: Number(statuses?.balanced ?? 0),
    gap: Number(statuses?.gap ?? 0),
    unclean_end: Number(statuses?.uncleanEnd ?? 0),
  };
}

export function observedClientJson(client: ObservedClient__Output): ObservedClientJson {
  return {
    reason: client.reason,
    client_ip: client.clientIp || null,
    user_agent_family: client.userAgentFamily,
    key_prefix: client.keyPrefix || null,
    key_name: client.keyName || null,
    requests: Number(client.requests),
    first_minute: knownInstantOf(client.firstMinute),
    last_minute: knownInstantOf(client.lastMinute),
  };
}
