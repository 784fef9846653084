import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type NumberedBatch, selectNew } from './messages.ts';
import { type NumberSet, sizeOf } from './number-ranges.ts';

const batch = fc
  .record({
    incarnation: fc.constantFrom('a', 'b'),
    from: fc.integer({ min: 1, max: 40 }),
    length: fc.nat(10),
  })
  .map(({ incarnation, from, length }) => ({ incarnation, from, to: from + length - 1 }));

function namesOf({ incarnation }: NumberedBatch, numbers: NumberSet): string[] {
  return numbers.flatMap(({ from, to }) =>
    Array.from({ length: to - from + 1 }, (_, index) => `${incarnation}${from + index}`),
  );
}

describe('selectNew', () => {
  it('takes each number once, over any deliveries of repeated and overlapping batches', () => {
    fc.assert(
      fc.property(fc.array(fc.array(batch, { maxLength: 6 }), { maxLength: 8 }), (deliveries) => {
        let stored = new Map<string, NumberSet>();
        const taken: string[] = [];
        for (const batches of deliveries) {
          const { selected, stored: after } = selectNew(batches, stored);
          for (const { batch: from, numbers } of selected) {
            assert.ok(numbers.length > 0);
            taken.push(...namesOf(from, numbers));
          }
          stored = after;
        }
        const sent = deliveries.flat().flatMap((one) => namesOf(one, [one]));
        assert.deepEqual(taken.toSorted(), [...new Set(sent)].toSorted());
        assert.equal(
          [...stored.values()].reduce((sum, set) => sum + sizeOf(set), 0),
          taken.length,
        );
      }),
    );
  });
});
