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

export interface LimitOptions {
  limit: number;
  all?: true;
}

export interface PagingOptions extends LimitOptions, ResultOptions {
  cursor?: string;
}

export function withLimit(command: Command): Command {
  return command
    .option('--limit <number>', 'list at most so many', positiveCount, DEFAULT_LIMIT)
    .option('--all', 'list all, however many');
}

export function withPaging(command: Command): Command {
  return withResultOptions(
    withLimit(command).option('--cursor <cursor>', "go on where an earlier list's next_cursor points"),
  );
}

/** Infinity for all. */
export function limitOf({ limit, all }: LimitOptions): number {
  return all ? Number.POSITIVE_INFINITY : limit;
}

/** Says that there are none, or more than were listed. */
export function noteExtent({ terminal }: Context, what: string, listed: number, hasMore: boolean): void {
  if (listed === 0) terminal.note(`No ${what}.`);
  else if (hasMore) terminal.note(`There are more ${what} than these ${listed}: see --limit and --all.`);
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
    const extent = { limit: limitOf(options), cursor: options.cursor };
    const listing = await listItems(client, schema, { ...request, ...extent });
    const { items, hasMore, json } = listing;
    await destination.deliver(json, () =>
      items.length === 0 ? '' : renderTable(items, columns, context.terminal.paper),
    );
    noteExtent(context, what, items.length, hasMore);
  });
}
