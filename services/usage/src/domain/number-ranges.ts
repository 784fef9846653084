/** Sets of whole numbers as ranges: which numbers of an incarnation are there, and which are missing. */
import { firstIndexWhere } from './bisection.ts';

/** Both ends included. */
export interface NumberRange {
  from: number;
  to: number;
}

/** In rising order, neither overlapping nor touching. */
export type NumberSet = readonly NumberRange[];

/** The set with a range added; an empty range (`from` above `to`) adds nothing. */
export function withRange(set: NumberSet, range: NumberRange): NumberSet {
  if (range.from > range.to) return set;
  const before = set.filter(({ to }) => to < range.from - 1);
  const after = set.filter(({ from }) => from > range.to + 1);
  const touching = set.slice(before.length, set.length - after.length);
  const from = Math.min(range.from, touching[0]?.from ?? range.from);
  const to = Math.max(range.to, touching.at(-1)?.to ?? range.to);
  return [...before, { from, to }, ...after];
}

export function contains(set: NumberSet, number: number): boolean {
  return missingIn(set, { from: number, to: number }).length === 0;
}

/** How many numbers are in the set. */
export function sizeOf(set: NumberSet): number {
  return set.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** What lacks of a range. */
export function missingIn(set: NumberSet, { from, to }: NumberRange): NumberRange[] {
  const missing: NumberRange[] = [];
  let next = from;
  // By bisection: a set may be in many pieces.
  for (
    let index = firstIndexWhere(set, (range) => range.to >= from);
    index < set.length && next <= to;
    index++
  ) {
    const known = set[index] as NumberRange;
    if (known.from > next) missing.push({ from: next, to: Math.min(known.from - 1, to) });
    next = known.to + 1;
  }
  if (next <= to) missing.push({ from: next, to });
  return missing;
}
