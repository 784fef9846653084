/** Options for a period of the past. */
import type { Command } from 'commander';
import type { When } from '../input/time.ts';
import { whenBack } from '../input/values.ts';

export type Moment = Exclude<When, 'never'>;

export interface PeriodOptions {
  from?: Moment;
  to?: Moment;
}

/** @param from what is added to the help of `--from`: where the period begins without it */
export function withPeriod(command: Command, from = ''): Command {
  return command
    .option('--from <when>', `since so long (7d), or since an RFC 3339 time${from}`, whenBack)
    .option('--to <when>', 'until so long ago, or until a time; until now', whenBack);
}
