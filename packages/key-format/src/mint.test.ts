import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { BASE62 } from './base62.ts';
import { mintKey } from './mint.ts';
import { parseKey } from './parse.ts';
import { ENVIRONMENTS, KEY_PATTERN } from './shape.ts';
import { checkTag, type TagRing } from './tag.ts';

const ring: TagRing = [
  { id: 'new', secret: createSecretKey(randomBytes(32)) },
  { id: 'old', secret: createSecretKey(randomBytes(32)) },
];

describe('mintKey', () => {
  it('makes keys that parse, match the pattern and have a genuine tag', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ENVIRONMENTS), (environment) => {
        const { key, prefix } = mintKey(environment, ring, randomBytes);
        const parsed = parseKey(key);
        assert.equal(parsed.problem, undefined);
        assert.deepEqual(parsed, { environment, prefix, tag: key.slice(-6) });
        assert.match(key, KEY_PATTERN);
        assert.equal(checkTag(key, ring), 'genuine');
      }),
    );
  });

  it('tags with the newest key of the ring', () => {
    const { key } = mintKey('live', ring, randomBytes);
    assert.equal(checkTag(key, ring.slice(0, 1)), 'genuine');
    assert.equal(checkTag(key, ring.slice(1)), 'unknown-tag');
  });

  it('never makes the same key or the same prefix twice', () => {
    const minted = Array.from({ length: 20_000 }, () => mintKey('live', [], randomBytes));
    assert.equal(new Set(minted.map(({ key }) => key)).size, minted.length);
    assert.equal(new Set(minted.map(({ prefix }) => prefix)).size, minted.length);
  });

  it('takes every character but the tag from the random source', () => {
    const zeros = mintKey('test', ring, (size) => new Uint8Array(size));
    assert.equal(zeros.key.slice(0, -6), `hk_test_${'0'.repeat(44)}`);
    const last = mintKey('test', ring, (size) => new Uint8Array(size).fill(247));
    assert.equal(last.key.slice(0, -6), `hk_test_${'z'.repeat(44)}`);
  });

  it('uses the whole alphabet at every place (chi-square per place)', () => {
    const keys = Array.from({ length: 6200 }, () => mintKey('live', ring, randomBytes).key.slice(8));
    for (let place = 0; place < 50; place++) {
      const counts = new Map<string, number>();
      for (const key of keys) counts.set(key.charAt(place), (counts.get(key.charAt(place)) ?? 0) + 1);
      const chiSquare = [...BASE62].reduce(
        (sum, each) => sum + ((counts.get(each) ?? 0) - 100) ** 2 / 100,
        0,
      );
      // 61 degrees of freedom: exceeded once in 10⁹ draws, so once in 2·10⁷ runs of all 50 places.
      assert.ok(chiSquare < 151, `place ${place}: ${chiSquare}`);
    }
  });

  it('still makes keys without a ring, whose tags then are random', () => {
    const { key } = mintKey('live', [], randomBytes);
    assert.equal(parseKey(key).problem, undefined);
    assert.equal(checkTag(key, []), 'unchecked');
    assert.equal(checkTag(key, ring), 'unknown-tag');
  });
});
