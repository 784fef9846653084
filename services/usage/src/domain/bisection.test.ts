import assert from 'node:assert/strict';
import fc from 'fast-check';
import { firstIndexWhere } from './bisection.ts';

describe('firstIndexWhere', () => {
  it('finds what a look at one after the other finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 })),
        fc.integer({ min: 0, max: 20 }),
        (list, least) => {
          const rising = list.toSorted((a, b) => a - b);
          const found = rising.findIndex((number) => number >= least);
          assert.equal(
            firstIndexWhere(rising, (number) => number >= least),
            found < 0 ? rising.length : found,
          );
        },
      ),
    );
  });
});
