import assert from 'node:assert/strict';
import { signingKeyOf } from '@hokusai/audit-chain';
import { parseSigningRing } from './signing-ring.ts';

const seedOf = (byte: number) => Buffer.alloc(32, byte).toString('base64url');
const publicKeyOf = (byte: number) => signingKeyOf(Buffer.alloc(32, byte)).publicKey;

describe('the ring of signing keys', () => {
  it('signs with the newest, and knows the former ones', () => {
    const retired = Buffer.from(publicKeyOf(3)).toString('base64url');
    const ring = parseSigningRing(`c:${seedOf(1)}, b:${seedOf(2)},a:public:${retired}`);
    assert.deepEqual(ring?.current.publicKey, publicKeyOf(1));
    assert.deepEqual(
      ring.former.map(({ publicKey }) => publicKey),
      [publicKeyOf(2)],
    );
    assert.deepEqual(
      ring.publicKeys.map(Buffer.from),
      [1, 2, 3].map((byte) => Buffer.from(publicKeyOf(byte))),
    );
  });

  it('is none without a key that signs, with an id twice, or with a seed of another length', () => {
    const retired = Buffer.from(publicKeyOf(3)).toString('base64url');
    for (const text of ['', 'a', `a:${seedOf(1)}x`, `a:public:${retired}`, `a:${seedOf(1)},a:${seedOf(2)}`])
      assert.equal(parseSigningRing(text), undefined, text);
  });
});
