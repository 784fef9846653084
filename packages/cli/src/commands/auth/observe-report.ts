import type { Command } from 'commander';
import { type ObservedClient, observedSchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { positiveCount } from '../../input/values.ts';
import { moment } from '../../output/moments.ts';
import { count } from '../../output/quantities.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { leaf } from '../command.ts';
import type { PeriodOptions } from '../period.ts';
import { OBSERVED } from '../usage/addresses.ts';
import {
  answerWith,
  periodQuery,
  type TableOptions,
  withTableOptions,
  withUsagePeriod,
} from '../usage/options.ts';

interface Options extends PeriodOptions, TableOptions {
  limit: number;
}

const DEFAULT_LIMIT = 100;

const columns: readonly Column<ObservedClient>[] = [
  { title: 'client', cell: ({ client_ip: address }) => address ?? 'others' },
  { title: 'program', cell: (row) => row.user_agent_family, dispensable: 2 },
  { title: 'reason', cell: (row) => row.reason },
  { title: 'requests', cell: ({ requests }) => count(requests), isNumber: true },
  { title: 'key', cell: keyOf, minWidth: 8, dispensable: 1 },
  { title: 'last', cell: (row) => moment(row.last_minute), dispensable: 3 },
];

export function observeReport(context: Context): Command {
  const command = leaf(
    'observe-report',
    'List whom gateways would refuse, while AUTH_MODE=observe has them refuse nobody',
    ['hokusai auth observe-report --from 7d', 'hokusai auth observe-report --from 1h --json'],
  ).option('--limit <number>', 'how many clients and reasons', positiveCount, DEFAULT_LIMIT);
  withTableOptions(withUsagePeriod(command));
  return command.action(async (options: Options) => {
    const client = await context.connect(command);
    const query = { ...periodQuery(options, context.now()), limit: options.limit };
    const request = { method: 'GET', path: OBSERVED, query } as const;
    await answerWith(context, options, client, request, async (destination) => {
      const { value, json } = await client.send(observedSchema, request);
      const { data } = value;
      const text = data.length === 0 ? '' : renderTable(data, columns, context.terminal.paper);
      await destination.deliver(json, () => text);
      if (data.length === 0) context.terminal.note('Nobody would have been refused.');
    });
  });
}

function keyOf({ key_name: name, key_prefix: prefix }: ObservedClient): string {
  return name ?? prefix ?? '';
}
