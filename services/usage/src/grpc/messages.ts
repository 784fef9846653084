/** Messages of the protocol to and from what the service works with. */
import { fromTimestamp, type Reader, readerOf, toTimestamp } from '@hokusai/contracts';
import type { IncarnationIntegrity as IntegrityMessage } from '@hokusai/contracts/gen/usage/v1/IncarnationIntegrity';
import type { IntegrityStatuses } from '@hokusai/contracts/gen/usage/v1/IntegrityStatuses';
import type { Reader__Output } from '@hokusai/contracts/gen/usage/v1/Reader';
import type { UsageFilter__Output } from '@hokusai/contracts/gen/usage/v1/UsageFilter';
import type { UsageTotals as TotalsMessage } from '@hokusai/contracts/gen/usage/v1/UsageTotals';
import type { UsageGranularity } from '@hokusai/contracts/usage-periods';
import type { UsageFilter } from '../domain/access.ts';
import type { IncarnationIntegrity, IntegrityStatus, Verdict } from '../domain/integrity.ts';
import type { Dimension, UsageTotals } from '../domain/ports.ts';

export const GRANULARITIES = {
  GRANULARITY_UNSPECIFIED: 'hour',
  GRANULARITY_MINUTE: 'minute',
  GRANULARITY_HOUR: 'hour',
  GRANULARITY_DAY: 'day',
} as const satisfies Record<string, UsageGranularity>;

export const TOP_DIMENSIONS = {
  TOP_DIMENSION_UNSPECIFIED: 'key',
  TOP_DIMENSION_KEY: 'key',
  TOP_DIMENSION_ENDPOINT: 'endpoint',
  TOP_DIMENSION_CLIENT_IP: 'client_ip',
} as const satisfies Record<string, Dimension>;

const STATUSES = {
  open: 'STATUS_OPEN',
  balanced: 'STATUS_BALANCED',
  gap: 'STATUS_GAP',
  unclean_end: 'STATUS_UNCLEAN_END',
} as const satisfies Record<IntegrityStatus, string>;

export function toReader(reader: Reader__Output | null): Reader {
  return readerOf(reader?.actingUserId, reader?.isAdmin);
}

export function toFilter(filter: UsageFilter__Output | null): UsageFilter {
  return {
    keyId: filter?.keyId || null,
    userId: filter?.userId || null,
    endpoint: filter?.endpoint || null,
    from: fromTimestamp(filter?.from),
    to: fromTimestamp(filter?.to),
  };
}

export function toTotals({ latencyMs, ...totals }: UsageTotals): TotalsMessage {
  const latency = latencyMs && { p50Ms: latencyMs.p50, p90Ms: latencyMs.p90, p99Ms: latencyMs.p99 };
  return { ...totals, latency };
}

export function toIntegrity({
  account,
  status,
  assigned,
  received,
  gaps,
  gapsLeftOut,
}: IncarnationIntegrity): IntegrityMessage {
  return {
    incarnation: account.incarnation,
    gateway: account.gateway,
    status: STATUSES[status],
    assigned,
    received,
    stored: account.stored,
    rolledUp: account.rolledUp,
    gaps,
    gapsLeftOut,
    lastKnownAssigned: account.announcedAssigned,
    clockCorrected: account.clockCorrected,
    openedAt: toTimestamp(account.openedAt),
    lastHeardAt: toTimestamp(account.announcedAt),
    closedAt: toTimestamp(account.closedAt),
  };
}

export function toStatuses({ unclean_end, ...statuses }: Verdict['statuses']): IntegrityStatuses {
  return { ...statuses, uncleanEnd: unclean_end };
}
