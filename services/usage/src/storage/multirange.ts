/** Number sets as Postgres' int8multirange, whose canonical ranges include their start and exclude their end. */
import type { NumberSet } from '../domain/number-ranges.ts';

export function parseMultirange(text: string): NumberSet {
  return [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, end]) => ({
    from: Number(from),
    to: Number(end) - 1,
  }));
}

export function formatMultirange(set: NumberSet): string {
  return `{${set.map(({ from, to }) => `[${from},${to + 1})`).join(',')}}`;
}
