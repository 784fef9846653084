import assert from 'node:assert/strict';
import fc from 'fast-check';
import { usageId } from './usage-id.ts';

const START = Date.UTC(2025, 0, 15, 12);

describe('usageId', () => {
  it('is a uuid of version 8 that is ordered by time', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(), fc.nat(10 ** 9), (incarnation, sequence, laterMs) => {
        const id = usageId(START, incarnation, sequence);
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.ok(usageId(START + 1 + laterMs, incarnation, sequence) > id);
        assert.equal(usageId(START, incarnation.toUpperCase(), sequence), id);
      }),
    );
  });

  it('differs for every number of an incarnation', () => {
    const ids = new Set(Array.from({ length: 10_000 }, (_, n) => usageId(START, 'a', n)));
    assert.equal(ids.size, 10_000);
  });
});
