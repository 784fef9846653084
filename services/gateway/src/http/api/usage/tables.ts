/** Usage as tables. Column names are those of the JSON, its levels joined by `_`. */
import { type CsvColumn, csvOf } from '../csv.ts';
import type {
  BucketJson,
  EndpointJson,
  IncarnationJson,
  IntegrityJson,
  ObservedClientJson,
  SummaryJson,
  TopEntryJson,
  TotalsJson,
  UnusedKeyJson,
} from './schemas.ts';

interface ListOf<Item> {
  data: readonly Item[];
}

const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

const totals: readonly CsvColumn<TotalsJson>[] = [
  { name: 'requests', value: (row) => row.requests },
  { name: 'errors', value: (row) => row.errors },
  ...STATUS_CLASSES.map((name) => ({
    name: `statuses_${name}`,
    value: ({ statuses }: TotalsJson) => statuses[name],
  })),
  { name: 'refused', value: (row) => Object.values(row.refused).reduce((sum, count) => sum + count, 0) },
  { name: 'refused_by_reason', value: (row) => reasonsOf(row) },
  { name: 'latency_ms_p50', value: (row) => row.latency_ms?.p50 ?? null },
  { name: 'latency_ms_p90', value: (row) => row.latency_ms?.p90 ?? null },
  { name: 'latency_ms_p99', value: (row) => row.latency_ms?.p99 ?? null },
  { name: 'bytes_in', value: (row) => row.bytes_in },
  { name: 'bytes_out', value: (row) => row.bytes_out },
];

/** `rate_limited=3 scope_missing=1` */
function reasonsOf({ refused }: TotalsJson): string {
  const pairs = Object.entries(refused).map(([reason, count]) => `${reason}=${count}`);
  return pairs.toSorted().join(' ');
}

export function summaryCsv(summary: SummaryJson): string {
  const period: CsvColumn<SummaryJson>[] = [
    { name: 'from', value: ({ from }) => from },
    { name: 'to', value: ({ to }) => to },
  ];
  return csvOf([...period, ...totals], [summary]);
}

export function timeSeriesCsv({ data }: ListOf<BucketJson>): string {
  return csvOf<BucketJson>([{ name: 'start', value: ({ start }) => start }, ...totals], data);
}

export function endpointsCsv({ data }: ListOf<EndpointJson>): string {
  const names: CsvColumn<EndpointJson>[] = [
    { name: 'method', value: ({ method }) => method },
    { name: 'endpoint', value: ({ endpoint }) => endpoint },
  ];
  return csvOf([...names, ...totals], data);
}

export function topCsv({ data }: ListOf<TopEntryJson>): string {
  const names: CsvColumn<TopEntryJson>[] = [
    { name: 'value', value: ({ value }) => value },
    { name: 'label', value: ({ label }) => label },
  ];
  return csvOf([...names, ...totals], data);
}

export function unusedCsv({ data }: ListOf<UnusedKeyJson>): string {
  const columns: CsvColumn<UnusedKeyJson>[] = [
    { name: 'key_id', value: (key) => key.key_id },
    { name: 'key_prefix', value: (key) => key.key_prefix },
    { name: 'name', value: (key) => key.name },
    { name: 'user_id', value: (key) => key.user_id },
    { name: 'last_used_at', value: (key) => key.last_used_at },
  ];
  return csvOf(columns, data);
}

export function integrityCsv({ incarnations }: IntegrityJson): string {
  const columns: CsvColumn<IncarnationJson>[] = [
    { name: 'incarnation', value: (account) => account.incarnation },
    { name: 'gateway', value: (account) => account.gateway },
    { name: 'status', value: (account) => account.status },
    { name: 'assigned', value: (account) => account.assigned },
    { name: 'received', value: (account) => account.received },
    { name: 'stored', value: (account) => account.stored },
    { name: 'rolled_up', value: (account) => account.rolled_up },
    { name: 'clock_corrected', value: (account) => account.clock_corrected },
    { name: 'gaps', value: ({ gaps }) => gaps.map(({ from, to }) => `${from}..${to}`).join(' ') },
    { name: 'gaps_left_out', value: (account) => account.gaps_left_out },
    { name: 'last_known_assigned', value: (account) => account.last_known_assigned },
    { name: 'opened_at', value: (account) => account.opened_at },
    { name: 'last_heard_at', value: (account) => account.last_heard_at },
    { name: 'closed_at', value: (account) => account.closed_at },
  ];
  return csvOf(columns, incarnations);
}

export function observedCsv({ data }: ListOf<ObservedClientJson>): string {
  const names = ['reason', 'client_ip', 'user_agent_family', 'key_prefix', 'key_name'] as const;
  const counts = ['requests', 'first_minute', 'last_minute'] as const;
  const columns = [...names, ...counts].map(
    (name): CsvColumn<ObservedClientJson> => ({ name, value: (row) => row[name] }),
  );
  return csvOf(columns, data);
}
