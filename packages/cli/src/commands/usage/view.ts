/** Usage for people. */
import type { Bucket, EndpointUsage, Series, Summary, TopEntry, Totals } from '../../api/usage-schemas.ts';
import { bar } from '../../output/bars.ts';
import { detailLines } from '../../output/details.ts';
import { moment, zonedMoment } from '../../output/moments.ts';
import { linePlot } from '../../output/plot.ts';
import { bytes, count, duration, percentage } from '../../output/quantities.ts';
import type { Paper } from '../../output/style.ts';
import { type Column, renderTable } from '../../output/table.ts';

const BAR_WIDTH = 12;
/** The longest of MLflow's that are in daily use stay whole. */
const ENDPOINT_WIDTH = 34;

export function summaryDetails(summary: Summary, paper: Paper): string {
  const { requests, errors, latency_ms: latency } = summary;
  const share = percentage(errors, requests);
  return detailLines(
    [
      ['Period', `${moment(summary.from)} to ${moment(summary.to)}`],
      ['Requests', count(requests)],
      ['Errors', count(errors) + (share === '' ? '' : ` (${share})`)],
      ['Status', statuses(summary)],
      ['Refused', refusals(summary)],
      ['Latency', latency && latencies(latency)],
      ['Bytes in', bytes(summary.bytes_in)],
      ['Bytes out', bytes(summary.bytes_out)],
    ],
    paper,
  );
}

/** Those that there were. */
function statuses({ statuses: classes }: Totals): string | null {
  const met = Object.entries(classes).filter(([, number]) => number > 0);
  return met.length === 0 ? null : met.map(([name, number]) => `${name} ${count(number)}`).join(', ');
}

function latencies({ p50, p90, p99 }: NonNullable<Totals['latency_ms']>): string {
  return `p50 ${duration(p50)}, p90 ${duration(p90)}, p99 ${duration(p99)}`;
}

/** Reasons of refusals that come before a key is proved. */
const WITHOUT_KEY: ReadonlySet<string> = new Set([
  'key_missing',
  'key_malformed',
  'several_keys',
  'unknown_key',
]);

/** Most first. */
function refusals({ refused }: Totals): string[] {
  const reasons = Object.entries(refused).toSorted(([, a], [, b]) => b - a);
  if (reasons.length === 0) return ['0'];
  return reasons.map(([reason, number]) => {
    const note = WITHOUT_KEY.has(reason) ? ' (without a known key: not among the requests)' : '';
    return `${count(number)} ${reason}${note}`;
  });
}

export function refusedOf({ refused }: Totals): number {
  return Object.values(refused).reduce((sum, number) => sum + number, 0);
}

/** Requests over time; empty without a terminal. */
export function seriesPlot({ data, granularity, time_zone: zone }: Series, paper: Paper): string {
  const [first, last] = [data[0], data.at(-1)];
  if (!first || !last) return '';
  const plot = linePlot(
    {
      values: data.map(({ requests }) => requests),
      label: count,
      ends: [zonedMoment(first.start, zone), zonedMoment(last.start, zone)],
    },
    paper,
  );
  return plot === '' ? '' : `${paper.style(`Requests each ${granularity}`, 'bold')}\n${plot}`;
}

export function seriesTable({ data, time_zone: zone }: Series, paper: Paper): string {
  const start: Column<Bucket> = { title: 'start', cell: ({ start }) => zonedMoment(start, zone) };
  return renderTable(data, [start, ...totalsColumns(data, paper)], paper);
}

export function topTable(entries: readonly TopEntry[], what: string, paper: Paper): string {
  // Ids stay whole: they are what other commands take.
  const width = what === 'key' ? {} : { minWidth: ENDPOINT_WIDTH };
  const names: Column<TopEntry>[] = [{ title: what, cell: ({ value }) => value, ...width }];
  if (entries.some(({ label }) => label !== null))
    names.push({ title: 'name', cell: nameOf, minWidth: 12, dispensable: 1 });
  return renderTable(entries, [...names, ...totalsColumns(entries, paper)], paper);
}

/** A key's label begins with its prefix, which says nothing beside its id. */
function nameOf({ label }: TopEntry): string {
  return (label ?? '').replace(/^hk_(?:live|test)_[0-9A-Za-z]{12} /, '');
}

export function endpointsTable(endpoints: readonly EndpointUsage[], paper: Paper): string {
  const names: Column<EndpointUsage>[] = [
    { title: 'method', cell: ({ method }) => method },
    { title: 'endpoint', cell: ({ endpoint }) => endpoint, minWidth: ENDPOINT_WIDTH },
  ];
  return renderTable(endpoints, [...names, ...totalsColumns(endpoints, paper)], paper);
}

function totalsColumns(rows: readonly Totals[], paper: Paper): Column<Totals>[] {
  const most = Math.max(...rows.map(({ requests }) => requests));
  const drawn = ({ requests }: Totals) => bar(requests / most, BAR_WIDTH, paper.ink);
  return [
    { title: 'requests', cell: ({ requests }) => count(requests), isNumber: true },
    ...(paper.ink === 'none' ? [] : [{ title: '', cell: drawn, dispensable: 3 }]),
    {
      title: 'errors',
      cell: ({ errors }) => count(errors),
      isNumber: true,
      emphasis: ({ errors }) => (errors > 0 ? 'red' : undefined),
    },
    { title: '4xx', cell: ({ statuses }) => count(statuses['4xx'] ?? 0), isNumber: true, dispensable: 2 },
    { title: 'refused', cell: (row) => count(refusedOf(row)), isNumber: true, dispensable: 2 },
    {
      title: 'p50',
      cell: ({ latency_ms: latency }) => durationOr(latency?.p50),
      isNumber: true,
      dispensable: 5,
    },
    {
      title: 'p99',
      cell: ({ latency_ms: latency }) => durationOr(latency?.p99),
      isNumber: true,
      dispensable: 4,
    },
    { title: 'in', cell: (row) => bytes(row.bytes_in), isNumber: true, dispensable: 7 },
    { title: 'out', cell: (row) => bytes(row.bytes_out), isNumber: true, dispensable: 6 },
  ];
}

function durationOr(ms: number | undefined): string {
  return ms === undefined ? '' : duration(ms);
}
