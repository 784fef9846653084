import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { checkDigest, digestOf, pepperRing } from './digest.ts';

const [first, second] = [1, 2].map((byte) => ({ id: `p${byte}`, secret: Buffer.alloc(32, byte) })) as [
  { id: string; secret: Buffer },
  { id: string; secret: Buffer },
];
const secretBytes = fc.uint8Array({ minLength: 32, maxLength: 64 }).map((bytes) => Buffer.from(bytes));

describe('checkDigest', () => {
  it('proves the key that the digest was made of, and no other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), secretBytes, (key, other, secret) => {
        const ring = pepperRing([{ id: 'p', secret }]);
        assert.equal(checkDigest(key, digestOf(key, ring), ring), 'proved');
        assert.equal(checkDigest(other, digestOf(key, ring), ring), other === key ? 'proved' : 'wrong');
      }),
    );
  });

  it('proves by every pepper of the ring, and makes digests by the first', () => {
    const old = digestOf('key', pepperRing([first]));
    const ring = pepperRing([second, first]);
    assert.equal(checkDigest('key', old, ring), 'proved');
    assert.notEqual(digestOf('key', ring).pepperId, old.pepperId);
  });

  it("can't tell without the pepper, nor with another one of the same name", () => {
    const stored = digestOf('key', pepperRing([first]));
    assert.equal(checkDigest('key', stored, pepperRing([second])), 'no-pepper');
    assert.equal(
      checkDigest('key', stored, pepperRing([{ id: first.id, secret: randomBytes(32) }])),
      'no-pepper',
    );
  });

  it('refuses a digest of another length', () => {
    const ring = pepperRing([first]);
    const { digest, pepperId } = digestOf('key', ring);
    assert.equal(checkDigest('key', { digest: digest.subarray(1), pepperId }, ring), 'wrong');
  });

  it('is HMAC-SHA-256, which others can recompute', () => {
    // printf key | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '01%.0s' {1..32})
    const expected = 'e3430b9a158d2a67492221f488fba062ceb7b0bf4e9c92389efb43ce0770fd83';
    assert.equal(digestOf('key', pepperRing([first])).digest.toString('hex'), expected);
  });
});
