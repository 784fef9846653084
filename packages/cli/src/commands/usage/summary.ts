import { type Command, Option } from 'commander';
import type { ApiClient } from '../../api/client.ts';
import { type Summary, seriesSchema, summarySchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { GRANULARITIES } from '../../input/choices.ts';
import { leaf } from '../command.ts';
import type { PeriodOptions } from '../period.ts';
import { SUMMARY, TIME_SERIES } from './addresses.ts';
import {
  answerWith,
  type FilterOptions,
  filterQuery,
  periodQuery,
  type TableOptions,
  timeZone,
  withFilter,
  withTableOptions,
  withUsagePeriod,
} from './options.ts';
import { seriesPlot, seriesTable, summaryDetails } from './view.ts';

type Granularity = (typeof GRANULARITIES)[number];

interface Options extends FilterOptions, PeriodOptions, TableOptions {
  every?: Granularity;
  timeZone?: string;
}

const HOUR_MS = 3_600_000;
/** Up to which length of a period its plot has these buckets; none beyond the last. */
const PLOTTED: readonly (readonly [number, Granularity])[] = [
  [3 * HOUR_MS, 'minute'],
  [7 * 24 * HOUR_MS, 'hour'],
  [1100 * 24 * HOUR_MS, 'day'],
];

export function summary(context: Context): Command {
  const command = leaf('summary', 'Sum up the requests of a period: how many, how fast, with what result', [
    'hokusai usage summary --from 7d --key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11',
    'hokusai usage summary --from 30d --every day --time-zone Europe/Berlin --csv',
  ])
    .addOption(
      new Option('--every <length>', 'the sums of each minute, hour or day of it').choices(GRANULARITIES),
    )
    .option('--time-zone <name>', 'whose hours and days, e.g. Europe/Berlin; UTC, if left out', timeZone);
  withTableOptions(withUsagePeriod(withFilter(command)));
  return command.action((options: Options) =>
    options.every ? showSeries(context, command, options) : showSummary(context, command, options),
  );
}

async function showSeries(context: Context, command: Command, options: Options): Promise<void> {
  const client = await context.connect(command);
  const query = {
    ...queryOf(options, context.now()),
    granularity: options.every,
    time_zone: options.timeZone,
  };
  const request = { method: 'GET', path: TIME_SERIES, query } as const;
  await answerWith(context, options, client, request, async (destination) => {
    const { value, json } = await client.send(seriesSchema, request);
    const { paper } = context.terminal;
    const views = () => [seriesTable(value, paper), seriesPlot(value, paper)];
    await destination.deliver(json, () => views().filter(Boolean).join('\n'));
  });
}

async function showSummary(context: Context, command: Command, options: Options): Promise<void> {
  const client = await context.connect(command);
  const request = { method: 'GET', path: SUMMARY, query: queryOf(options, context.now()) } as const;
  await answerWith(context, options, client, request, async (destination) => {
    const { value, json } = await client.send(summarySchema, request);
    const { paper } = context.terminal;
    const isForPeople = !options.json && options.output === undefined && paper.ink !== 'none';
    const plot = isForPeople && value.requests > 0 ? await plotOf(value, client, options, context) : '';
    await destination.deliver(json, () => [summaryDetails(value, paper), plot].filter(Boolean).join('\n'));
  });
}

async function plotOf(
  { from, to }: Summary,
  client: ApiClient,
  options: Options,
  { terminal }: Context,
): Promise<string> {
  const lengthMs = Date.parse(to) - Date.parse(from);
  const [, granularity] = PLOTTED.find(([longestMs]) => lengthMs <= longestMs) ?? [];
  if (granularity === undefined) return '';
  const query = { ...filterQuery(options), from, to, granularity, time_zone: options.timeZone };
  const { value } = await client.send(seriesSchema, { method: 'GET', path: TIME_SERIES, query });
  return seriesPlot(value, terminal.paper);
}

function queryOf(options: Options, nowMs: number) {
  return { ...filterQuery(options), ...periodQuery(options, nowMs) };
}
