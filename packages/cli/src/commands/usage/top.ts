import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { endpointsSchema, topSchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { RANKED } from '../../input/choices.ts';
import { positiveCount } from '../../input/values.ts';
import type { Paper } from '../../output/style.ts';
import { leaf } from '../command.ts';
import type { PeriodOptions } from '../period.ts';
import { ENDPOINTS, TOP } from './addresses.ts';
import {
  answerWith,
  type FilterOptions,
  filterQuery,
  periodQuery,
  type TableOptions,
  withFilter,
  withTableOptions,
  withUsagePeriod,
} from './options.ts';
import { endpointsTable, topTable } from './view.ts';

type Ranked = (typeof RANKED)[number];

interface Options extends FilterOptions, PeriodOptions, TableOptions {
  by?: Ranked;
  slowest?: true;
  limit: number;
}

const DIMENSIONS = { key: 'key', endpoint: 'endpoint', address: 'client_ip' } as const;
const DEFAULT_LIMIT = 10;

export function top(context: Context): Command {
  const command = leaf('top', 'Rank keys, endpoints or client addresses by their requests', [
    'hokusai usage top --from 7d',
    'hokusai usage top --slowest --from 1h --limit 5',
  ])
    .addOption(new Option('--by <what>', 'what to rank: keys, unless said otherwise').choices(RANKED))
    .option('--slowest', 'endpoints with the longest 99th percentile first')
    .option('--limit <number>', 'how many places', positiveCount, DEFAULT_LIMIT);
  withTableOptions(withUsagePeriod(withFilter(command)));
  return command.action((options: Options) => {
    if (!options.slowest) return showTop(context, command, options);
    if (options.by !== undefined && options.by !== 'endpoint')
      throw new Failure('usage', `--slowest ranks endpoints, and not by ${options.by}.`);
    return showSlowest(context, command, options);
  });
}

function showTop(context: Context, command: Command, options: Options): Promise<void> {
  const { by = 'key' } = options;
  return show(context, command, options, {
    path: TOP,
    query: { by: DIMENSIONS[by] },
    schema: topSchema,
    table: ({ data }, paper) => (data.length === 0 ? '' : topTable(data, by, paper)),
  });
}

function showSlowest(context: Context, command: Command, options: Options): Promise<void> {
  return show(context, command, options, {
    path: ENDPOINTS,
    query: { order: 'slowest' },
    schema: endpointsSchema,
    table: ({ data }, paper) => (data.length === 0 ? '' : endpointsTable(data, paper)),
  });
}

interface Ranking<Schema extends z.ZodType> {
  path: string;
  query: Readonly<Record<string, string>>;
  schema: Schema;
  /** Empty if there is nothing in it. */
  table: (answer: z.infer<Schema>, paper: Paper) => string;
}

async function show<Schema extends z.ZodType>(
  context: Context,
  command: Command,
  options: Options,
  { path, query: kind, schema, table }: Ranking<Schema>,
): Promise<void> {
  const client = await context.connect(command);
  const period = periodQuery(options, context.now());
  const query = { ...kind, ...filterQuery(options), ...period, limit: options.limit };
  const request = { method: 'GET', path, query } as const;
  await answerWith(context, options, client, request, async (destination) => {
    const { value, json } = await client.send(schema, request);
    const text = table(value, context.terminal.paper);
    await destination.deliver(json, () => text);
    if (text === '') context.terminal.note('No requests.');
  });
}
