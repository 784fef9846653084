import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isoInstant } from './iso-instant.ts';

describe('isoInstant', () => {
  it('writes what a Date writes, in whatever order the moments come', () => {
    const moment = fc.integer({ min: -100_000_000_000_000, max: 400_000_000_000_000 });
    fc.assert(
      fc.property(fc.array(fc.oneof(moment, fc.integer({ min: 0, max: 3000 }))), (moments) => {
        for (const ms of moments) assert.equal(isoInstant(ms), new Date(ms).toISOString());
      }),
    );
  });
});
