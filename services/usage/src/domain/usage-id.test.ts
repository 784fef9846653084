import assert from 'node:assert/strict';
import fc from 'fast-check';
import { usageIds } from './usage-id.ts';

const START = Date.UTC(2025, 0, 15, 12);
const anySequence = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(2 ** 48 - 1, 2 ** 48, Number.MAX_SAFE_INTEGER),
);

/** As texts. */
function idsOf(incarnation: string): (startMs: number, sequence: number) => string {
  const write = usageIds(incarnation);
  return (startMs, sequence) => {
    const bytes = Buffer.alloc(16);
    write(new DataView(bytes.buffer, bytes.byteOffset), 0, startMs, sequence);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
}

describe('usageIds', () => {
  it('are uuids of version 8 that are ordered by time', () => {
    fc.assert(
      fc.property(fc.uuid(), anySequence, fc.nat(10 ** 9), (incarnation, sequence, laterMs) => {
        const idOf = idsOf(incarnation);
        const id = idOf(START, sequence);
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.ok(idOf(START + 1 + laterMs, sequence) > id);
        assert.equal(idsOf(incarnation.toUpperCase())(START, sequence), id);
      }),
    );
  });

  it('differ for every number of an incarnation', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uniqueArray(anySequence, { maxLength: 50 }), (incarnation, sequences) => {
        const ids = sequences.map((sequence) => idsOf(incarnation)(START, sequence));
        assert.equal(new Set(ids).size, sequences.length);
      }),
    );
  });

  it('differ between incarnations that number alike', () => {
    const incarnations = fc.sample(fc.uuid(), 200);
    const ids = incarnations.flatMap((incarnation) =>
      Array.from({ length: 200 }, (_, n) => idsOf(incarnation)(START, n)),
    );
    assert.equal(new Set(ids).size, new Set(incarnations).size * 200);
  });
});
