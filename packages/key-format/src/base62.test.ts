import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { BASE62, encodeBase62, randomBase62, symbolOf } from './base62.ts';

describe('base62', () => {
  it('has 62 symbols in ascending order of their codes', () => {
    assert.equal(new Set(BASE62).size, 62);
    assert.equal([...BASE62].sort().join(''), BASE62);
  });

  it('gives each symbol to exactly four bytes and draws the remaining eight again', () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => symbolOf(byte));
    for (const symbol of BASE62) assert.equal(bytes.filter((each) => each === symbol).length, 4, symbol);
    assert.equal(bytes.filter((each) => each === undefined).length, 8);
  });

  it('draws without bias (chi-square)', () => {
    const drawn = randomBase62(200_000, randomBytes);
    const counts = new Map<string, number>();
    for (const symbol of drawn) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    const expected = drawn.length / 62;
    const chiSquare = [...BASE62].reduce(
      (sum, each) => sum + ((counts.get(each) ?? 0) - expected) ** 2 / expected,
      0,
    );
    // With 61 degrees of freedom an unbiased source exceeds 151 once in 10⁹ runs; taking bytes modulo 62
    // without rejection gives about 1400.
    assert.ok(chiSquare < 151, `chi-square is ${chiSquare}`);
    assert.equal(counts.size, 62);
  });

  it('asks again for what was rejected and never for more than it needs', () => {
    const asked: number[] = [];
    const source = [Uint8Array.of(255, 0, 248), Uint8Array.of(250, 61), Uint8Array.of(62)];
    const text = randomBase62(3, (size) => {
      asked.push(size);
      return source.shift() ?? assert.fail('asked too often');
    });
    assert.equal(text, '0z0');
    assert.deepEqual(asked, [3, 2, 1]);
  });

  it('encodes numbers so that they can be read back, at the given width', () => {
    const value = (text: string) => [...text].reduce((sum, each) => sum * 62 + BASE62.indexOf(each), 0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 62 ** 6 - 1 }), (number) => {
        const text = encodeBase62(number, 6);
        assert.equal(text.length, 6);
        assert.equal(value(text), number);
      }),
    );
    assert.equal(encodeBase62(0, 6), '000000');
    assert.equal(encodeBase62(62 ** 6 - 1, 6), 'zzzzzz');
  });
});
