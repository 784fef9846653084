import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { BASE62 } from './base62.ts';
import { mintKey } from './mint.ts';
import { parseKey } from './parse.ts';
import { checkTag, type TagRing } from './tag.ts';

describe('checkTag', () => {
  const [first, second, third] = [1, 2, 3].map((byte) => ({
    id: `k${byte}`,
    secret: createSecretKey(Buffer.alloc(32, byte)),
  }));
  const ring = [first, second] as TagRing;

  it('accepts the tags of all keys in the ring, of no other, and checks nothing without a ring', () => {
    for (const tagKey of ring) {
      assert.equal(checkTag(mintKey('live', [tagKey], randomBytes).key, ring), 'genuine');
    }
    const foreign = mintKey('live', [third] as TagRing, randomBytes).key;
    assert.equal(checkTag(foreign, ring), 'unknown-tag');
    assert.equal(checkTag(foreign, []), 'unchecked');
  });

  it('or the parser refuses every change of a single character', () => {
    // 58 places × 61 other symbols and some strangers; a changed tagged part hits its old tag by chance
    // once in 5.7·10¹⁰, so the key is fixed: the outcome is too.
    const { key } = mintKey('live', ring, (size) =>
      Uint8Array.from({ length: size }, (_, at) => (at * 37) % 248),
    );
    const strangers = ['-', '_', ' ', '\0', '\n', '%', 'é', 'Ａ', '😀', ''];
    let tried = 0;
    for (let place = 0; place < key.length; place++) {
      for (const other of [...BASE62, ...strangers]) {
        if (other === key[place]) continue;
        const changed = key.slice(0, place) + other + key.slice(place + 1);
        const refused = parseKey(changed).problem !== undefined || checkTag(changed, ring) === 'unknown-tag';
        assert.ok(refused, `place ${place}: ${JSON.stringify(other)}`);
        tried++;
      }
    }
    assert.ok(tried > 58 * 70);
  });

  it('refuses every swap of two neighbours that differ', () => {
    const { key } = mintKey('live', ring, (size) =>
      Uint8Array.from({ length: size }, (_, at) => (at * 37) % 248),
    );
    for (let place = 0; place + 1 < key.length; place++) {
      const [here, next] = [key.charAt(place), key.charAt(place + 1)];
      if (here === next) continue;
      const swapped = key.slice(0, place) + next + here + key.slice(place + 2);
      assert.ok(parseKey(swapped).problem !== undefined || checkTag(swapped, ring) === 'unknown-tag');
    }
  });

  it('judges any string without throwing', () => {
    for (const text of ['', 'x', '😀😀😀😀😀😀', 'hk_live_', '\0'.repeat(58)]) {
      assert.equal(checkTag(text, ring), 'unknown-tag');
    }
  });
});
