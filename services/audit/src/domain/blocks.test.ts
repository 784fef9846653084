import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BLOCK_ROWS, type BlockTimes, blockOf, clipped, rangesIn } from './blocks.ts';

const DAY_MS = 86_400_000;

/** Times of rows in blocks, most of them rising, some from any time. */
const rowTimes = fc
  .array(fc.option(fc.integer({ min: 0, max: 40 }), { freq: 6, nil: null }), { maxLength: 60 })
  .map((strays) => strays.map((stray, index) => (stray ?? Math.floor(index / 2)) * DAY_MS));
const dates = fc.option(fc.integer({ min: -1, max: 41 }).map((day) => new Date(day * DAY_MS)));

/** Each row here stands for as many as there are in a third of a block. */
function blocksOf(times: readonly number[]): BlockTimes[] {
  const count = Math.ceil(times.length / 3);
  return Array.from({ length: count }, (_, block) => {
    const own = times.slice(block * 3, block * 3 + 3);
    return { least: Math.min(...own), greatest: Math.max(...own) };
  });
}

describe('ranges of rows in which a period can lie', () => {
  it('hold every row of the period, in whatever order they came', () => {
    fc.assert(
      fc.property(rowTimes, dates, dates, (times, from, to) => {
        const ranges = rangesIn({ from, to }, blocksOf(times));
        times.forEach((time, index) => {
          if (time < (from?.getTime() ?? time) || time >= (to?.getTime() ?? time + 1)) return;
          const chainSeq = Math.floor(index / 3) * BLOCK_ROWS + (index % 3);
          assert.ok(ranges.some(({ first, last }) => first <= chainSeq && chainSeq <= last));
        });
        const bounds = ranges.flatMap(({ first, last }) => [first, last]);
        assert.deepEqual(
          bounds,
          bounds.toSorted((a, b) => a - b),
        );
      }),
    );
  });

  it('leave out what can not be in it, but for small gaps', () => {
    const at = (day: number) => ({ least: day * DAY_MS, greatest: day * DAY_MS });
    const period = { from: new Date(5 * DAY_MS), to: new Date(6 * DAY_MS) };
    const late = [at(5), at(7), at(5), undefined, at(8), at(9), at(9), at(5), at(1)];
    assert.deepEqual(rangesIn(period, late), [
      { first: 0, last: 3 * BLOCK_ROWS - 1 },
      { first: 7 * BLOCK_ROWS, last: 8 * BLOCK_ROWS - 1 },
    ]);
    assert.deepEqual(rangesIn(period, [at(4), at(6)]), []);
    assert.equal(blockOf(BLOCK_ROWS - 1), 0);
    assert.equal(blockOf(BLOCK_ROWS), 1);
  });

  it('can be cut to what is wanted', () => {
    const ranges = [
      { first: 0, last: 9 },
      { first: 20, last: 29 },
    ];
    assert.deepEqual(clipped(ranges, { first: 5, last: 20 }), [
      { first: 5, last: 9 },
      { first: 20, last: 20 },
    ]);
    assert.deepEqual(clipped(ranges, { first: 10, last: 19 }), []);
  });
});
