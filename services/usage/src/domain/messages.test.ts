import assert from 'node:assert/strict';
import type { UsageBatch, UsageRequest } from '@hokusai/contracts';
import fc from 'fast-check';
import { datedBatch, selectNew } from './messages.ts';
import { type NumberSet, sizeOf } from './number-ranges.ts';

function batchOf(incarnation: string, from: number, length: number): UsageBatch {
  const requests = Array.from({ length }, (_, index) => ({ sequence: from + index }) as UsageRequest);
  return { incarnation, gateway: 'gw', from, to: from + length - 1, requests, refusals: [] };
}

const dated = (batch: UsageBatch) => datedBatch({ kind: 'batch', receivedAt: new Date(0), batch });

const batch = fc
  .record({
    incarnation: fc.constantFrom('a', 'b'),
    from: fc.integer({ min: 1, max: 40 }),
    length: fc.nat(10),
  })
  .map(({ incarnation, from, length }) => batchOf(incarnation, from, length));

describe('selectNew', () => {
  it('takes each number once, over any deliveries of repeated and overlapping batches', () => {
    fc.assert(
      fc.property(fc.array(fc.array(batch, { maxLength: 6 }), { maxLength: 8 }), (deliveries) => {
        let stored = new Map<string, NumberSet>();
        const taken: string[] = [];
        for (const batches of deliveries) {
          const { selected, stored: after } = selectNew(batches.map(dated), stored);
          for (const { incarnation, requests } of selected)
            taken.push(...requests.map(({ sequence }) => `${incarnation}${sequence}`));
          stored = after;
        }
        const sent = deliveries
          .flat()
          .flatMap(({ incarnation, requests }) =>
            requests.map(({ sequence }) => `${incarnation}${sequence}`),
          );
        assert.deepEqual(taken.toSorted(), [...new Set(sent)].toSorted());
        assert.equal(
          [...stored.values()].reduce((sum, set) => sum + sizeOf(set), 0),
          taken.length,
        );
      }),
    );
  });
});
