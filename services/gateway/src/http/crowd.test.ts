import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Crowd } from './crowd.ts';

describe('Crowd', () => {
  it('holds what a set of the same history holds, in the order of coming', () => {
    const steps = fc.array(fc.record({ comes: fc.boolean(), member: fc.integer({ min: 0, max: 5 }) }));
    fc.assert(
      fc.property(steps, (history) => {
        const crowd = new Crowd<number>();
        const set = new Set<number>();
        for (const { comes, member } of history) {
          if (!comes) assert.equal(crowd.delete(member), set.delete(member));
          else if (!set.has(member)) {
            crowd.add(member);
            set.add(member);
          }
          assert.equal(crowd.size, set.size);
          assert.deepEqual([...crowd], [...set]);
        }
      }),
    );
  });
});
