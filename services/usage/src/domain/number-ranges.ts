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
  return set.some(({ from, to }) => from <= number && number <= to);
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
