import { type Command, Option } from 'commander';
import type { ApiClient } from '../../api/client.ts';
import { seriesSchema, summarySchema, topSchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { Ended, Failure } from '../../failure.ts';
import { positiveCount } from '../../input/values.ts';
import { momentToSecond } from '../../output/moments.ts';
import { printable, printableJson } from '../../output/printable.ts';
import { count, duration } from '../../output/quantities.ts';
import type { Paper } from '../../output/style.ts';
import { truncate } from '../../output/width.ts';
import { leaf } from '../command.ts';
import { type IntervalOptions, intervalOption, lengthUpTo } from '../interval.ts';
import { SUMMARY, TIME_SERIES, TOP } from './addresses.ts';
import { type FilterOptions, filterQuery, withFilter } from './options.ts';
import { refusedOf, seriesPlot, topTable } from './view.ts';

interface Options extends FilterOptions, IntervalOptions {
  /** Seconds. */
  last: number;
  count?: number;
  json?: true;
}

const DEFAULT_LAST_SECONDS = 1800;
const MAX_LAST_SECONDS = 86_400;
const PLACES = 5;

export function watch(context: Context): Command {
  const command = leaf('watch', 'Watch the requests of the last minutes, until Ctrl-C', [
    'hokusai usage watch',
    'hokusai usage watch --last 2h --interval 10s',
  ])
    .addOption(
      new Option('--last <length>', 'of so long')
        .argParser(lengthUpTo(MAX_LAST_SECONDS, '24h'))
        .default(DEFAULT_LAST_SECONDS, '30m'),
    )
    .addOption(intervalOption())
    .option('--count <number>', 'end after so many looks', positiveCount)
    .option('--json', 'print a line of JSON for each look');
  return withFilter(command).action(async (options: Options) => {
    const client = await context.connect(command);
    try {
      await look(context, client, options);
    } catch (error) {
      throw error instanceof Failure && error.kind === 'cancelled' ? new Ended() : error;
    }
  });
}

async function look(context: Context, client: ApiClient, options: Options): Promise<void> {
  const { terminal } = context;
  const { count: looks = Number.POSITIVE_INFINITY } = options;
  for (let done = 0; done < looks; done += 1) {
    if (done > 0) await context.delay(options.interval * 1000);
    const seen = await see(client, options, context.now());
    if (options.json) await terminal.write(`${printableJson(seen.json)}\n`);
    else await terminal.redraw(frame(seen, options, terminal.paper));
  }
}

type Seen = Awaited<ReturnType<typeof see>>;

/** What there was of late, at one moment. */
async function see(client: ApiClient, options: Options, nowMs: number) {
  const from = new Date(nowMs - options.last * 1000).toISOString();
  const query = { ...filterQuery(options), from };
  const asking = { method: 'GET' } as const;
  const [summary, series, top] = await Promise.all([
    client.send(summarySchema, { ...asking, path: SUMMARY, query }),
    client.send(seriesSchema, { ...asking, path: TIME_SERIES, query: { ...query, granularity: 'minute' } }),
    client.send(topSchema, { ...asking, path: TOP, query: { ...query, limit: PLACES } }),
  ]);
  const at = new Date(nowMs).toISOString();
  const json = JSON.stringify({ at, summary: summary.value, series: series.value, top: top.value });
  return { at, json, summary: summary.value, series: series.value, top: top.value.data };
}

function frame({ at, summary, series, top }: Seen, { last }: Options, paper: Paper): string {
  const { requests, errors, latency_ms: latency } = summary;
  const title = `${momentToSecond(at)}, the last ${spelled(last)}`;
  const facts = [
    `requests ${count(requests)} (${count(Math.round((requests / last) * 60))} a minute)`,
    `errors ${count(errors)}`,
    `refused ${count(refusedOf(summary))}`,
    ...(latency ? [`p50 ${duration(latency.p50)}`, `p99 ${duration(latency.p99)}`] : []),
  ];
  const heading = [title, facts.join('  ')].map((line) => fitting(line, paper));
  const parts = [
    `${paper.style(heading[0] ?? '', 'bold')}\n${heading[1]}\n`,
    seriesPlot(series, paper),
    top.length === 0 ? '' : topTable(top, 'key', paper),
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

function fitting(line: string, { width }: Paper): string {
  return Number.isFinite(width) ? truncate(printable(line), width) : printable(line);
}

function spelled(seconds: number): string {
  if (seconds % 3600 === 0) return seconds === 3600 ? 'hour' : `${seconds / 3600} hours`;
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}
