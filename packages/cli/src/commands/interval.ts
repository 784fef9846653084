/** Options of commands that look again and again. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../input/time.ts';

const DEFAULT_SECONDS = 2;
const MAX_SECONDS = 3600;

export interface IntervalOptions {
  /** Seconds. */
  interval: number;
}

export function intervalOption(): Option {
  return new Option('--interval <length>', 'look again after so long')
    .argParser(lengthUpTo(MAX_SECONDS, '1h'))
    .default(DEFAULT_SECONDS, '2s');
}

/** Whole seconds of `30m`; at least one. */
export function lengthUpTo(most: number, name: string): (text: string) => number {
  return (text) => {
    const seconds = parseDuration(text) ?? 0;
    if (seconds >= 1 && seconds <= most) return seconds;
    throw new InvalidArgumentError(`Expected a length such as 2s or 30m, at most ${name}.`);
  };
}
