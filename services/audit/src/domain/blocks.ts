/**
 * Which rows of the chain can lie in a period, without looking at them.
 *
 * Rows stand in the order of their arrival, and most arrive in the order of what they tell of; some come hours or
 * days late, or from a clock that is wrong. Of each block of rows the least and the greatest time are known, and
 * only blocks whose times meet the period are walked: whatever came when, none is missed.
 */

/** As in the index `audit_events_blocks_idx`: what it divides by. */
export const BLOCK_ROWS = 4096;

/** Least and greatest `occurred_at` of a block's rows, in ms since the epoch; undefined: it has none. */
export type BlockTimes = { least: number; greatest: number } | undefined;

/** Both ends included. */
export interface RowRange {
  first: number;
  last: number;
}

/** Half-open; null: no bound. */
export interface Period {
  from: Date | null;
  to: Date | null;
}

/** One more range costs as much as some blocks without a row of the period. */
const MERGED_GAP_BLOCKS = 2;

/** The block in which a row stands. */
export function blockOf(chainSeq: number): number {
  return Math.floor(chainSeq / BLOCK_ROWS);
}

/**
 * The ranges that hold every row of the period, in rising order. `blocks`: of all of them, the last one too, so
 * that no row stands after them.
 */
export function rangesIn({ from, to }: Period, blocks: readonly BlockTimes[]): RowRange[] {
  const start = from?.getTime() ?? Number.NEGATIVE_INFINITY;
  const end = to?.getTime() ?? Number.POSITIVE_INFINITY;
  const ranges: RowRange[] = [];
  blocks.forEach((times, index) => {
    if (!times || times.greatest < start || times.least >= end) return;
    const first = index * BLOCK_ROWS;
    const last = first + BLOCK_ROWS - 1;
    const before = ranges.at(-1);
    if (before && first - before.last <= MERGED_GAP_BLOCKS * BLOCK_ROWS + 1) before.last = last;
    else ranges.push({ first, last });
  });
  return ranges;
}

/** What of the ranges lies between two rows, both included. */
export function clipped(ranges: readonly RowRange[], { first, last }: RowRange): RowRange[] {
  return ranges
    .map((range) => ({ first: Math.max(range.first, first), last: Math.min(range.last, last) }))
    .filter((range) => range.first <= range.last);
}
