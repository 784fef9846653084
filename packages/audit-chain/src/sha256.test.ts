import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { hmacSha256, isSha256Of, sha256Of } from './sha256.ts';

describe('hashing of short texts', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('ß'.repeat(20_000)));

  it('gives what a hash object gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), text, (prefix, content) => {
        const expected = createHash('sha256').update(prefix).update(content, 'utf8').digest();
        assert.deepEqual(Buffer.from(sha256Of(prefix, content)), expected);
        assert.ok(isSha256Of(expected, prefix, content));
        assert.ok(!isSha256Of(expected, prefix, `${content}.`));
      }),
    );
  });

  it('gives the HMAC that OpenSSL gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), text, (key, content) => {
        assert.equal(
          hmacSha256(key, content),
          createHmac('sha256', key).update(content, 'utf8').digest('hex'),
        );
      }),
    );
  });
});
