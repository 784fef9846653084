/** gRPC methods of the usage service. */
import {
  type ErrorObserver,
  fromDuration,
  fromTimestamp,
  requireAdmin,
  toTimestamp,
  unaryHandler,
} from '@hokusai/contracts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '@hokusai/contracts/fields';
import type { GetIntegrityRequest__Output } from '@hokusai/contracts/gen/usage/v1/GetIntegrityRequest';
import type { GetIntegrityResponse } from '@hokusai/contracts/gen/usage/v1/GetIntegrityResponse';
import type { GetSummaryRequest__Output } from '@hokusai/contracts/gen/usage/v1/GetSummaryRequest';
import type { GetSummaryResponse } from '@hokusai/contracts/gen/usage/v1/GetSummaryResponse';
import type { GetTimeSeriesRequest__Output } from '@hokusai/contracts/gen/usage/v1/GetTimeSeriesRequest';
import type { GetTimeSeriesResponse } from '@hokusai/contracts/gen/usage/v1/GetTimeSeriesResponse';
import type { ListEndpointsRequest__Output } from '@hokusai/contracts/gen/usage/v1/ListEndpointsRequest';
import type { ListEndpointsResponse } from '@hokusai/contracts/gen/usage/v1/ListEndpointsResponse';
import type { ListObservedRequest__Output } from '@hokusai/contracts/gen/usage/v1/ListObservedRequest';
import type { ListObservedResponse } from '@hokusai/contracts/gen/usage/v1/ListObservedResponse';
import type { ListTopRequest__Output } from '@hokusai/contracts/gen/usage/v1/ListTopRequest';
import type { ListTopResponse } from '@hokusai/contracts/gen/usage/v1/ListTopResponse';
import type { ListUnusedKeysRequest__Output } from '@hokusai/contracts/gen/usage/v1/ListUnusedKeysRequest';
import type { ListUnusedKeysResponse } from '@hokusai/contracts/gen/usage/v1/ListUnusedKeysResponse';
import { MAX_OBSERVED, MAX_RANKING, MAX_UNUSED_DAYS } from '@hokusai/contracts/usage-periods';
import { asUnavailable, type Clock, checkHealth } from '@hokusai/service-kit';
import { limitProblems, periodFor, refuse, selectionFor } from '../domain/access.ts';
import { incarnationCursorOf, parseIncarnationCursor } from '../domain/incarnation-cursor.ts';
import { judge, verdictOn } from '../domain/integrity.ts';
import type { UsageReader } from '../domain/ports.ts';
import { inOrder } from '../domain/ranking.ts';
import { bucketStarts } from '../domain/series.ts';
import { parseUnusedCursor, unusedCursorOf } from '../domain/unused-cursor.ts';
import {
  GRANULARITIES,
  TOP_DIMENSIONS,
  toFilter,
  toIntegrity,
  toReader,
  toStatuses,
  toTotals,
} from './messages.ts';

export interface UsageHandlersOptions {
  store: UsageReader;
  clock: Clock;
  /** Rejects, or doesn't end, while the broker can't be reached. */
  checkBroker: () => Promise<void>;
  /** Told of each failed call. */
  observe: ErrorObserver;
}

const DEFAULT_RANKING = 10;
const DEFAULT_OBSERVED = 100;
const DEFAULT_UNUSED_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

export function usageHandlers(options: UsageHandlersOptions) {
  const serve = <Request, Response>(
    answer: (request: Request, options: UsageHandlersOptions) => Promise<Response>,
  ) => unaryHandler((request: Request) => answer(request, options), options.observe);
  return {
    GetSummary: serve(getSummary),
    GetTimeSeries: serve(getTimeSeries),
    ListEndpoints: serve(listEndpoints),
    ListTop: serve(listTop),
    ListUnusedKeys: serve(listUnusedKeys),
    ListObserved: serve(listObserved),
    GetIntegrity: serve(getIntegrity),
  };
}

async function getSummary(
  { reader, filter }: GetSummaryRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<GetSummaryResponse> {
  const selection = selectionFor(toReader(reader), toFilter(filter), new Date(clock.now()));
  return { totals: toTotals(await answered(store.summary(selection))) };
}

async function getTimeSeries(
  request: GetTimeSeriesRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<GetTimeSeriesResponse> {
  const granularity = GRANULARITIES[request.granularity];
  const timeZone = request.timeZone || 'UTC';
  const asked = { granularity, timeZone };
  const now = new Date(clock.now());
  const selection = selectionFor(toReader(request.reader), toFilter(request.filter), now, asked);
  const starts = bucketStarts(selection, granularity, timeZone);
  const totals = await answered(store.series(selection, starts));
  return {
    buckets: totals.map((each, index) => ({ start: toTimestamp(starts[index]), totals: toTotals(each) })),
  };
}

async function listEndpoints(
  { reader, filter, order, limit }: ListEndpointsRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<ListEndpointsResponse> {
  const violations = limitProblems('limit', limit, MAX_RANKING);
  const now = new Date(clock.now());
  const selection = selectionFor(toReader(reader), toFilter(filter), now, { violations });
  const found = await answered(store.endpoints(selection));
  const ordered = inOrder(found, order === 'ENDPOINT_ORDER_SLOWEST' ? 'slowest' : 'requests');
  return {
    endpoints: ordered.slice(0, limit || DEFAULT_RANKING).map(({ totals, ...endpoint }) => ({
      ...endpoint,
      totals: toTotals(totals),
    })),
  };
}

async function listTop(
  { reader, filter, dimension, limit }: ListTopRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<ListTopResponse> {
  const ranked = TOP_DIMENSIONS[dimension];
  const isTooFine = ranked === 'client_ip' && Boolean(filter?.endpoint);
  const violations = [
    ...(isTooFine
      ? [{ path: 'endpoint', message: 'addresses are counted over all endpoints: leave it away' }]
      : []),
    ...limitProblems('limit', limit, MAX_RANKING),
  ];
  const now = new Date(clock.now());
  const selection = selectionFor(toReader(reader), toFilter(filter), now, { violations });
  const entries = await answered(store.top(selection, ranked, limit || DEFAULT_RANKING));
  return { entries: entries.map((entry) => ({ ...entry, totals: toTotals(entry.totals) })) };
}

async function listUnusedKeys(
  request: ListUnusedKeysRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<ListUnusedKeysResponse> {
  const { userId, isAdmin } = toReader(request.reader);
  const unusedForMs = fromDuration(request.unusedFor) ?? DEFAULT_UNUSED_DAYS * DAY_MS;
  const isInRange = unusedForMs > 0 && unusedForMs <= MAX_UNUSED_DAYS * DAY_MS;
  refuse([
    ...(isInRange
      ? []
      : [{ path: 'unused_for', message: `expected more than nothing, and at most ${MAX_UNUSED_DAYS} days` }]),
    ...limitProblems('page_size', request.pageSize, MAX_PAGE_SIZE),
  ]);
  const size = request.pageSize || DEFAULT_PAGE_SIZE;
  const now = new Date(clock.now());
  const found = await answered(
    store.unusedKeys({
      userId: isAdmin ? null : userId,
      unusedSince: new Date(now.getTime() - unusedForMs),
      now,
      after: parseUnusedCursor(request.cursor),
      limit: size + 1,
    }),
  );
  const keys = found.slice(0, size);
  const last = found.length > size ? keys.at(-1) : undefined;
  return {
    keys: keys.map((key) => ({ ...key, lastUsedAt: toTimestamp(key.lastUsedAt) })),
    nextCursor: last ? unusedCursorOf(last) : '',
  };
}

async function getIntegrity(
  request: GetIntegrityRequest__Output,
  { store, clock, checkBroker }: UsageHandlersOptions,
): Promise<GetIntegrityResponse> {
  requireAdmin(toReader(request.reader), 'read the accounts of gateways');
  const violations = limitProblems('page_size', request.pageSize, MAX_PAGE_SIZE);
  const asked = { from: fromTimestamp(request.from), to: fromTimestamp(request.to) };
  const period = periodFor(asked, new Date(clock.now()), { violations });
  const size = request.pageSize || DEFAULT_PAGE_SIZE;
  const after = parseIncarnationCursor(request.cursor);
  const [{ at, accounts, found }, { ready: brokerReachable }] = await Promise.all([
    answered(store.integrity({ ...period, after, limit: size + 1 })),
    checkHealth({ broker: checkBroker }),
  ]);
  const listed = accounts.slice(0, size);
  const last = accounts.length > size ? listed.at(-1) : undefined;
  const { isComplete, statuses } = verdictOn(found, brokerReachable);
  return {
    complete: brokerReachable && isComplete,
    brokerReachable,
    statuses: toStatuses(statuses),
    incarnations: listed.map((each) => toIntegrity(judge(each, brokerReachable ? at.getTime() : null))),
    nextCursor: last ? incarnationCursorOf(last) : '',
  };
}

async function listObserved(
  request: ListObservedRequest__Output,
  { store, clock }: UsageHandlersOptions,
): Promise<ListObservedResponse> {
  requireAdmin(toReader(request.reader), 'read whom gateways would have refused');
  const violations = limitProblems('limit', request.limit, MAX_OBSERVED);
  const asked = { from: fromTimestamp(request.from), to: fromTimestamp(request.to) };
  const period = periodFor(asked, new Date(clock.now()), { violations });
  const found = await answered(store.observed(period, request.limit || DEFAULT_OBSERVED));
  const clients = found.map(({ firstMinute, lastMinute, ...client }) => ({
    ...client,
    firstMinute: toTimestamp(firstMinute),
    lastMinute: toTimestamp(lastMinute),
  }));
  return { clients };
}

function answered<Result>(answer: Promise<Result>): Promise<Result> {
  return answer.catch(asUnavailable('usage'));
}
