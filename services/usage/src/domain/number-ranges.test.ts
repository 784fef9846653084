import assert from 'node:assert/strict';
import fc from 'fast-check';
import { missingIn, type NumberSet, sizeOf, withRange } from './number-ranges.ts';

const range = fc
  .record({ from: fc.integer({ min: 1, max: 60 }), length: fc.integer({ min: 0, max: 12 }) })
  .map(({ from, length }) => ({ from, to: from + length - 1 }));

const numbersOf = (set: NumberSet) =>
  set.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));

describe('number ranges', () => {
  it('hold just what was added, in whatever order, as few ranges as possible', () => {
    fc.assert(
      fc.property(fc.array(range), (ranges) => {
        const set = ranges.reduce<NumberSet>(withRange, []);
        const expected = [...new Set(ranges.flatMap((one) => numbersOf([one])))].toSorted((a, b) => a - b);
        assert.deepEqual(numbersOf(set), expected);
        assert.equal(sizeOf(set), expected.length);
        for (let i = 1; i < set.length; i += 1) assert.ok((set[i]?.from ?? 0) > (set[i - 1]?.to ?? 0) + 1);
      }),
    );
  });

  it('name what of a range is missing', () => {
    fc.assert(
      fc.property(fc.array(range), range, (ranges, wanted) => {
        const set = ranges.reduce<NumberSet>(withRange, []);
        const expected = numbersOf([wanted]).filter((number) => !numbersOf(set).includes(number));
        const missing = missingIn(set, wanted);
        assert.deepEqual(numbersOf(missing), expected);
        assert.deepEqual(missing, missing.reduce<NumberSet>(withRange, []));
      }),
    );
  });
});
