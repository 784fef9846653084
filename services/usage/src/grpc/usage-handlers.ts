/** gRPC methods of the usage service. */
import {
  type ErrorObserver,
  fromTimestamp,
  type Reader,
  readerOf,
  requireAdmin,
  toTimestamp,
  unaryHandler,
} from '@hokusai/contracts';
import type { GetIntegrityRequest__Output } from '@hokusai/contracts/gen/usage/v1/GetIntegrityRequest';
import type { GetIntegrityResponse } from '@hokusai/contracts/gen/usage/v1/GetIntegrityResponse';
import type { GetSummaryRequest__Output } from '@hokusai/contracts/gen/usage/v1/GetSummaryRequest';
import type { GetSummaryResponse } from '@hokusai/contracts/gen/usage/v1/GetSummaryResponse';
import type { IncarnationIntegrity as IntegrityMessage } from '@hokusai/contracts/gen/usage/v1/IncarnationIntegrity';
import type { Reader__Output } from '@hokusai/contracts/gen/usage/v1/Reader';
import type { UsageFilter__Output } from '@hokusai/contracts/gen/usage/v1/UsageFilter';
import { asUnavailable, type Clock } from '@hokusai/service-kit';
import { checkPeriod, selectionFor, type UsageSelection } from '../domain/access.ts';
import { type IncarnationIntegrity, type IntegrityStatus, judge } from '../domain/integrity.ts';
import type { UsageReader } from '../domain/ports.ts';

export interface UsageHandlersOptions {
  store: UsageReader;
  clock: Clock;
  /** Told of each failed call. */
  observe: ErrorObserver;
}

/** Methods that are not here are answered with UNIMPLEMENTED. */
export function usageHandlers(options: UsageHandlersOptions) {
  const { observe } = options;
  return {
    GetSummary: unaryHandler((request: GetSummaryRequest__Output) => getSummary(request, options), observe),
    GetIntegrity: unaryHandler(
      (request: GetIntegrityRequest__Output) => getIntegrity(request, options),
      observe,
    ),
  };
}

async function getSummary(
  { reader, filter }: GetSummaryRequest__Output,
  { store }: UsageHandlersOptions,
): Promise<GetSummaryResponse> {
  const selection = selectionFor(toReader(reader), toSelection(filter));
  const { latencyMs, ...totals } = await store.summary(selection).catch(asUnavailable('usage'));
  const latency = latencyMs && { p50Ms: latencyMs.p50, p90Ms: latencyMs.p90, p99Ms: latencyMs.p99 };
  return { totals: { ...totals, latency } };
}

async function getIntegrity(
  request: GetIntegrityRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<GetIntegrityResponse> {
  requireAdmin(toReader(request.reader), 'read the accounts of gateways');
  const period = { from: fromTimestamp(request.from), to: fromTimestamp(request.to) };
  checkPeriod(period);
  const accounts = await store.incarnations(period).catch(asUnavailable('usage'));
  const judged = accounts.map((account) => judge(account, clock.now()));
  return {
    complete: judged.every(({ isComplete }) => isComplete),
    incarnations: judged.map(toMessage),
  };
}

const STATUSES = {
  open: 'STATUS_OPEN',
  balanced: 'STATUS_BALANCED',
  gap: 'STATUS_GAP',
  unclean_end: 'STATUS_UNCLEAN_END',
} as const satisfies Record<IntegrityStatus, string>;

function toMessage({ account, status, assigned, received, gaps }: IncarnationIntegrity): IntegrityMessage {
  return {
    incarnation: account.incarnation,
    gateway: account.gateway,
    status: STATUSES[status],
    assigned,
    received,
    stored: account.stored,
    // Summaries are computed from the rows: nothing is rolled up.
    rolledUp: 0,
    gaps,
    lastKnownAssigned: account.announcedAssigned,
    openedAt: toTimestamp(account.openedAt),
    lastHeardAt: toTimestamp(account.lastHeardAt),
    closedAt: toTimestamp(account.closedAt),
  };
}

function toReader(reader: Reader__Output | null): Reader {
  return readerOf(reader?.actingUserId, reader?.isAdmin);
}

function toSelection(filter: UsageFilter__Output | null): UsageSelection {
  return {
    keyId: filter?.keyId || null,
    userId: filter?.userId || null,
    endpoint: filter?.endpoint || null,
    from: fromTimestamp(filter?.from),
    to: fromTimestamp(filter?.to),
  };
}
