/** Lists of what is in the registry. */
import type { CallOptions, ExperimentManager } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { withManager } from '../../tracking.ts';
import type { ResultOptions } from '../command.ts';
import { type LimitOptions, limitOf, noteExtent, withLimit } from '../paging.ts';
import { withDestination } from '../result.ts';
import { withJson } from './model-view.ts';

export interface SearchOptions extends LimitOptions, ResultOptions {
  filter?: string;
}

export function withSearch(command: Command): Command {
  return withJson(
    withLimit(
      command.option('--filter <expression>', "what else they have to be, in MLflow's search syntax"),
    ),
  );
}

/** A text in MLflow's search syntax, which has no escapes but two kinds of quotes. */
export function quoted(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!text.includes('"')) return `"${text}"`;
  throw new Failure('usage', `MLflow can't search for a text with both kinds of quotes: ${text}`);
}

export interface Found<Item> {
  search: (manager: ExperimentManager, call: CallOptions) => AsyncIterable<Item>;
  columns: readonly Column<Item>[];
  jsonOf: (item: Item) => object;
  /** In the plural, for messages. */
  what: string;
}

export async function showFound<Item>(
  context: Context,
  command: Command,
  options: SearchOptions,
  { search, columns, jsonOf, what }: Found<Item>,
): Promise<void> {
  await withDestination(context, options, async (destination) => {
    const { items, hasMore } = await withManager(context, command, (manager, call) =>
      take(search(manager, call), limitOf(options)),
    );
    const json = JSON.stringify({ data: items.map(jsonOf), has_more: hasMore });
    await destination.deliver(json, () =>
      items.length === 0 ? '' : renderTable(items, columns, context.terminal.paper),
    );
    noteExtent(context, what, items.length, hasMore);
  });
}

/** The first of them, and whether there are others. */
async function take<Item>(
  items: AsyncIterable<Item>,
  limit: number,
): Promise<{ items: Item[]; hasMore: boolean }> {
  const taken: Item[] = [];
  for await (const item of items) {
    if (taken.length === limit) return { items: taken, hasMore: true };
    taken.push(item);
  }
  return { items: taken, hasMore: false };
}
