import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { group } from '../command.ts';
import { integrity } from './integrity.ts';
import { summary } from './summary.ts';
import { top } from './top.ts';
import { unused } from './unused.ts';
import { watch } from './watch.ts';

export function usageCommands(context: Context): Command {
  return group('usage', 'See who calls what, how often, how fast, with what result', [
    summary(context),
    top(context),
    unused(context),
    watch(context),
    integrity(context),
  ]);
}
