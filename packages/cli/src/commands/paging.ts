/** Options and output that all lists have. */
import type { Command } from 'commander';
import type { z } from 'zod';
import { type ListRequest, listItems } from '../api/pages.ts';
import type { Context } from '../context.ts';
import { positiveCount } from '../input/values.ts';
import { type Column, renderTable } from '../output/table.ts';
import { type ResultOptions, withResultOptions } from './command.ts';
import { withDestination } from './result.ts';

const DEFAULT_LIMIT = 50;

export interface PagingOptions extends ResultOptions {
  limit: number;
  all?: true;
  cursor?: string;
}

export function withPaging(command: Command): Command {
  return withResultOptions(
    command
      .option('--limit <number>', 'list at most so many', positiveCount, DEFAULT_LIMIT)
      .option('--all', 'list all, however many')
      .option('--cursor <cursor>', "go on where an earlier list's next_cursor points"),
  );
}

export interface List<Schema extends z.ZodType> extends Pick<ListRequest, 'path' | 'query' | 'isEndless'> {
  schema: Schema;
  columns: readonly Column<z.infer<Schema>>[];
  /** In the plural, for messages. */
  what: string;
}

export async function showList<Schema extends z.ZodType>(
  context: Context,
  command: Command,
  options: PagingOptions,
  { schema, columns, what, ...request }: List<Schema>,
): Promise<void> {
  const client = await context.connect(command);
  await withDestination(context, options, async (destination) => {
    const limit = options.all ? Number.POSITIVE_INFINITY : options.limit;
    const listing = await listItems(client, schema, { ...request, limit, cursor: options.cursor });
    const { items, hasMore, json } = listing;
    const isEmpty = items.length === 0;
    await destination.deliver(json, () =>
      isEmpty ? '' : renderTable(items, columns, context.terminal.paper),
    );
    if (isEmpty) context.terminal.note(`No ${what}.`);
    else if (hasMore) {
      context.terminal.note(`There are more ${what} than these ${items.length}: see --limit and --all.`);
    }
  });
}
