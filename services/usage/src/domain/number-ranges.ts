/** Sets of whole numbers as ranges: which numbers of an incarnation are there, and which are missing. */

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
  return overlaps(set, { from: number, to: number });
}

/** True if any number of the range is in the set. */
export function overlaps(set: NumberSet, { from, to }: NumberRange): boolean {
  // The first range that ends at `from` or later, by bisection: a set may be in many pieces.
  let [low, high] = [0, set.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((set[middle] as NumberRange).to < from) low = middle + 1;
    else high = middle;
  }
  const next = set[low];
  return next !== undefined && next.from <= to && from <= to;
}

/** How many numbers are in the set. */
export function sizeOf(set: NumberSet): number {
  return set.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** What lacks of 1 … `last`. */
export function missingUpTo(set: NumberSet, last: number): NumberRange[] {
  const missing: NumberRange[] = [];
  let next = 1;
  for (const { from, to } of set) {
    if (next > last) break;
    if (from > next) missing.push({ from: next, to: Math.min(from - 1, last) });
    next = to + 1;
  }
  if (next <= last) missing.push({ from: next, to: last });
  return missing;
}
