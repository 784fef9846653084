/** Operations on usage. The usage service decides who sees what, and answers; this translates. */
import { toDuration, toTimestamp } from '@hokusai/contracts';
import type { Exchange } from '../../exchange.ts';
import { actingKeyOf, callOptions, readerOf } from '../caller.ts';
import { type Operation, operation } from '../operation.ts';
import { serviceCalls, USAGE, type UsageClient } from '../service-calls.ts';
import { cursorOf } from '../values.ts';
import {
  bucketJson,
  DIMENSIONS,
  endpointJson,
  filterMessage,
  GRANULARITY_NAMES,
  incarnationJson,
  integrityStatusesJson,
  ORDERS,
  observedClientJson,
  periodJson,
  topEntryJson,
  totalsJson,
  unusedKeyJson,
} from './messages.ts';
import { periodOf, wrongPeriod, wrongRanking, wrongSeries } from './rules.ts';
import {
  endpointsQuery,
  endpointsResponse,
  integrityQuery,
  integrityResponse,
  observedQuery,
  observedResponse,
  summaryQuery,
  summaryResponse,
  timeSeriesQuery,
  timeSeriesResponse,
  topQuery,
  topResponse,
  unusedQuery,
  unusedResponse,
} from './schemas.ts';
import {
  endpointsCsv,
  integrityCsv,
  observedCsv,
  summaryCsv,
  timeSeriesCsv,
  topCsv,
  unusedCsv,
} from './tables.ts';

type Call = UsageClient['call'];

const DAY_MS = 86_400_000;
const DEFAULT_UNUSED_DAYS = 90;
const DEFAULT_RANKING = 10;
const PATH = '/api/v1/usage';

const reading = { tag: 'Usage', method: 'get', scope: 'usage:read' } as const;

export function usageOperations(client: UsageClient): Operation[] {
  const call: Call = serviceCalls(client, USAGE);
  return [
    summary(call),
    timeSeries(call),
    endpoints(call),
    top(call),
    unused(call),
    observed(call),
    integrity(call),
  ];
}

function summary(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'getUsageSummary', path: `${PATH}/summary` },
    summary: 'Sum up the requests of a period',
    description: 'Members see the usage of their own keys, admins all.',
    query: summaryQuery,
    alsoWrong: wrongPeriod,
    answer: { status: 200, schema: summaryResponse, description: 'The sums.' },
    csv: summaryCsv,
    serve: async ({ exchange, query }) => {
      const period = periodOf(query, nowOf(exchange));
      const message = { reader: readerOf(exchange), filter: filterMessage(query, period) };
      const { totals } = await call('GetSummary', message, callOptions(exchange));
      return { ...periodJson(period), ...totalsJson(totals) };
    },
  });
}

function timeSeries(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'getUsageTimeSeries', path: `${PATH}/timeseries` },
    summary: 'Sum up each minute, hour or day of a period',
    description:
      'Buckets without requests are there, too. Minutes are for at most 2 days, hours for 62, days for 1100.',
    query: timeSeriesQuery,
    alsoWrong: wrongSeries,
    answer: { status: 200, schema: timeSeriesResponse, description: 'The sums of each bucket.' },
    csv: timeSeriesCsv,
    serve: async ({ exchange, query }) => {
      const { granularity = 'hour', time_zone: timeZone = 'UTC' } = query;
      const period = periodOf(query, nowOf(exchange), granularity);
      const filter = filterMessage(query, period);
      const buckets = { granularity: GRANULARITY_NAMES[granularity], timeZone };
      const message = { reader: readerOf(exchange), filter, ...buckets };
      const answer = await call('GetTimeSeries', message, callOptions(exchange));
      const data = answer.buckets.map(bucketJson);
      return { ...periodJson(period), granularity, time_zone: timeZone, data };
    },
  });
}

function endpoints(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listUsageEndpoints', path: `${PATH}/endpoints` },
    summary: 'List endpoints by their requests, or the slowest',
    description: 'An endpoint is a method and a route, without the ids in it.',
    query: endpointsQuery,
    alsoWrong: wrongPeriod,
    answer: { status: 200, schema: endpointsResponse, description: 'The endpoints.' },
    csv: endpointsCsv,
    serve: async ({ exchange, query }) => {
      const period = periodOf(query, nowOf(exchange));
      const { order = 'requests', limit = DEFAULT_RANKING } = query;
      const filter = filterMessage(query, period);
      const message = { reader: readerOf(exchange), filter, order: ORDERS[order], limit };
      const answer = await call('ListEndpoints', message, callOptions(exchange));
      return { ...periodJson(period), data: answer.endpoints.map(endpointJson), next_cursor: null };
    },
  });
}

function top(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listTopUsage', path: `${PATH}/top` },
    summary: 'Rank keys, endpoints or client addresses by their requests',
    query: topQuery,
    alsoWrong: wrongRanking,
    answer: { status: 200, schema: topResponse, description: 'The ranking.' },
    csv: topCsv,
    serve: async ({ exchange, query }) => {
      const period = periodOf(query, nowOf(exchange));
      const { by = 'key', limit = DEFAULT_RANKING } = query;
      const filter = filterMessage(query, period);
      const message = { reader: readerOf(exchange), filter, dimension: DIMENSIONS[by], limit };
      const { entries } = await call('ListTop', message, callOptions(exchange));
      return { ...periodJson(period), data: entries.map(topEntryJson), next_cursor: null };
    },
  });
}

function unused(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listUnusedKeys', path: `${PATH}/unused` },
    summary: 'List keys without a request for some days',
    description: 'Longest unused first, in pages. Members see their own keys, admins all.',
    query: unusedQuery,
    answer: { status: 200, schema: unusedResponse, description: 'A page of keys.' },
    csv: unusedCsv,
    serve: async ({ exchange, query }) => {
      const { days = DEFAULT_UNUSED_DAYS, limit: pageSize = 0 } = query;
      const unusedFor = toDuration(days * DAY_MS);
      const message = { reader: readerOf(exchange), unusedFor, pageSize, cursor: cursorOf(query) };
      const { keys, nextCursor } = await call('ListUnusedKeys', message, callOptions(exchange));
      return { data: keys.map(unusedKeyJson), next_cursor: nextCursor === '' ? null : nextCursor };
    },
  });
}

function observed(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listObservedClients', path: `${PATH}/observed` },
    summary: 'List whom gateways would have refused, were they not observing only',
    description:
      'For admins: clients of gateways with `AUTH_MODE=observe`, by reason, most requests first. Kept as long as requests are.',
    query: observedQuery,
    alsoWrong: wrongPeriod,
    answer: { status: 200, schema: observedResponse, description: 'The clients.' },
    csv: observedCsv,
    serve: async ({ exchange, query }) => {
      const period = periodOf(query, nowOf(exchange));
      const times = { from: toTimestamp(period.from), to: toTimestamp(period.to) };
      const message = { reader: readerOf(exchange), ...times, limit: query.limit ?? 0 };
      const { clients } = await call('ListObserved', message, callOptions(exchange));
      return { ...periodJson(period), data: clients.map(observedClientJson), next_cursor: null };
    },
  });
}

function integrity(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'getUsageIntegrity', path: `${PATH}/integrity` },
    summary: 'Show whether any request is missing from usage, and which',
    description:
      'Each gateway process numbers the requests that it serves. For admins: assigned = received = stored = rolled up, or where not, in pages of processes of which something was heard in the period. `complete` and `statuses` are about all of them.',
    query: integrityQuery,
    alsoWrong: wrongPeriod,
    answer: { status: 200, schema: integrityResponse, description: 'The accounts of gateways.' },
    csv: integrityCsv,
    serve: async ({ exchange, query }) => {
      const period = periodOf(query, nowOf(exchange));
      const times = { from: toTimestamp(period.from), to: toTimestamp(period.to) };
      const page = { pageSize: query.limit ?? 0, cursor: cursorOf(query) };
      const message = { reader: readerOf(exchange), ...times, ...page };
      const answer = await call('GetIntegrity', message, callOptions(exchange));
      return {
        ...periodJson(period),
        complete: answer.complete,
        broker_reachable: answer.brokerReachable,
        statuses: integrityStatusesJson(answer.statuses),
        incarnations: answer.incarnations.map(incarnationJson),
        next_cursor: answer.nextCursor === '' ? null : answer.nextCursor,
      };
    },
  });
}

/** By the database's clock, as far as the gateway knows it. */
function nowOf(exchange: Exchange): Date {
  return new Date(actingKeyOf(exchange).nowMs);
}
