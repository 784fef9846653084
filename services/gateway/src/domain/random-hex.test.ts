import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { randomHexFrom, randomUuidFrom } from './random-hex.ts';

describe('randomHexFrom', () => {
  it('gives as many digits as it is asked for, and none of them twice', () => {
    const drawn: Buffer[] = [];
    const randomHex = randomHexFrom((bytes) => {
      drawn.push(randomBytes(bytes));
      return drawn.at(-1) as Buffer;
    });
    const given: string[] = [];
    while (drawn.length < 4) given.push(randomHex(32), randomHex(16));
    for (const [index, id] of given.entries()) assert.equal(id.length, index % 2 === 0 ? 32 : 16);
    // The digits in the order in which they were drawn, but for the few at the end of a draw.
    const digits = drawn.map((bytes) => bytes.toString('hex'));
    let at = 0;
    for (const id of given) {
      const found = digits.join('').indexOf(id, at);
      assert.ok(found >= at && found - at < 48, `${found} after ${at}`);
      at = found + id.length;
    }
  });
});

describe('randomUuidFrom', () => {
  it('is a UUID of version 4, of whatever digits', () => {
    const of = (digits: string) => randomUuidFrom(() => digits);
    assert.equal(of('0123456789abcdef0123456789abcdef'), '01234567-89ab-4def-8123-456789abcdef');
    assert.equal(of('f'.repeat(32)), 'ffffffff-ffff-4fff-bfff-ffffffffffff');
    assert.deepEqual(
      ['0', '5', 'a', 'f'].map((digit) => of(`${'0'.repeat(16)}${digit}${'0'.repeat(15)}`)[19]),
      ['8', '9', 'a', 'b'],
    );
  });
});
