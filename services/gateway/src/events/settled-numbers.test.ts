import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SettledNumbers } from './settled-numbers.ts';

const anyRange = fc
  .record({ from: fc.integer({ min: 1, max: 40 }), length: fc.nat(8) })
  .map(({ from, length }) => ({ from, to: from + length - 1 }));

describe('settled numbers', () => {
  it('are those of a plain set, in whatever order ranges come', () => {
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 30 }), anyRange, (ranges, asked) => {
        const settled = new SettledNumbers();
        const set = new Set<number>();
        for (const range of ranges) {
          settled.add(range);
          for (const number of numbersOf(range)) set.add(number);
        }
        let upTo = 0;
        while (set.has(upTo + 1)) upTo += 1;
        assert.equal(settled.upTo, upTo);
        const isThere = asked.from <= asked.to && numbersOf(asked).every((number) => set.has(number));
        assert.equal(settled.has(asked), isThere);
      }),
    );
  });
});

function numbersOf({ from, to }: { from: number; to: number }): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
