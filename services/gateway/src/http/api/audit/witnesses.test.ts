import assert from 'node:assert/strict';
import fc from 'fast-check';
import { collectWitnesses } from './witnesses.ts';

describe('witnesses for a verification', () => {
  /** Rows of which a hash was kept, and how it is read in pages of three. */
  const rows = fc
    .uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 120 })
    .map((list) => list.toSorted((a, b) => a - b));
  const reading = (kept: readonly number[]) => (after: string) => {
    const left = kept.filter((row) => row > Number(after));
    const witnesses = left.slice(0, 3).map((row) => ({ chainSeq: String(row), hash: Buffer.alloc(32) }));
    return Promise.resolve({ witnesses, hasMore: left.length > 3 });
  };

  it('are all of the rows, or of very many some at regular distances and the last', async () => {
    const bounds = fc.integer({ min: 1, max: 200 });
    await fc.assert(
      fc.asyncProperty(rows, bounds, bounds, fc.integer({ min: 2, max: 50 }), async (kept, a, b, limit) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const { witnesses, known } = await collectWitnesses(reading(kept), { first, last }, limit);
        const inside = kept.filter((row) => row >= first && row <= last);
        const chosen = witnesses.map(({ chainSeq }) => Number(chainSeq));
        assert.equal(known, inside.length);
        assert.ok(chosen.length <= limit);
        assert.equal(chosen.at(-1), inside.at(-1));
        if (inside.length < limit) assert.deepEqual(chosen, inside);
        else {
          const places = chosen.map((row) => inside.indexOf(row));
          const gaps = new Set(places.slice(1, -1).map((place, index) => place - (places[index] as number)));
          assert.ok(!places.includes(-1) && gaps.size <= 1, `${places}`);
        }
      }),
    );
  });
});
