import type { Command } from 'commander';
import { listCsv } from '../../api/pages.ts';
import { type UnusedKey, unusedKeySchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { positiveCount } from '../../input/values.ts';
import { moment } from '../../output/moments.ts';
import { printableCsv } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';
import { leaf } from '../command.ts';
import { type PagingOptions, showList, withPaging } from '../paging.ts';
import { withDestination } from '../result.ts';
import { UNUSED } from './addresses.ts';
import { type TableOptions, withCsv } from './options.ts';

interface Options extends PagingOptions, TableOptions {
  days: number;
}

const DEFAULT_DAYS = 90;

const columns: readonly Column<UnusedKey>[] = [
  { title: 'id', cell: (key) => key.key_id },
  { title: 'name', cell: (key) => key.name, minWidth: 8 },
  { title: 'last used', cell: ({ last_used_at: at }) => (at === null ? 'never' : moment(at)) },
  { title: 'prefix', cell: (key) => key.key_prefix, dispensable: 1 },
  { title: 'owner', cell: (key) => key.user_id ?? '', dispensable: 2 },
];

export function unused(context: Context): Command {
  const command = leaf('unused', 'List keys without a request for some days, the longest unused first', [
    'hokusai usage unused --days 30',
    "hokusai usage unused --all --json | jq -r '.data[].key_id'",
  ]).option('--days <number>', 'for at least so many days', positiveCount, DEFAULT_DAYS);
  withCsv(withPaging(command));
  return command.action((options: Options) =>
    options.csv
      ? showCsv(context, command, options)
      : showList(context, command, options, {
          path: UNUSED,
          query: { days: options.days },
          schema: unusedKeySchema,
          columns,
          what: 'unused keys',
        }),
  );
}

async function showCsv(context: Context, command: Command, options: Options): Promise<void> {
  const client = await context.connect(command);
  await withDestination(context, { ...options, json: true }, async (destination) => {
    const { days, cursor } = options;
    const limit = options.all ? Number.POSITIVE_INFINITY : options.limit;
    const { text, nextCursor } = await listCsv(client, { path: UNUSED, query: { days }, limit, cursor });
    await destination.deliver(printableCsv(text), () => '');
    if (nextCursor !== null)
      context.terminal.note('There are more unused keys than these: see --limit and --all.');
  });
}
