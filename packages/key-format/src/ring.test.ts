import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { parseTagRing } from './ring.ts';

const secret = randomBytes(32).toString('base64url');

describe('parseTagRing', () => {
  it('reads the keys in their order', () => {
    const parsed = parseTagRing(`2026-07:${secret}, old_1:${Buffer.alloc(16, 7).toString('base64url')}`);
    assert.deepEqual(parsed, {
      ring: [
        { id: '2026-07', secret: createSecretKey(secret, 'base64url') },
        { id: 'old_1', secret: createSecretKey(Buffer.alloc(16, 7)) },
      ],
    });
  });

  it('takes an empty text for an empty ring', () => {
    assert.deepEqual(parseTagRing(' '), { ring: [] });
  });

  it('names the wrong entry and what is expected, and repeats nothing of it', () => {
    const cases: [string, RegExp][] = [
      ['a', /^entry 1: expected id:base64url/],
      [`a:${secret},`, /^entry 2: expected id:base64url/],
      [`a:${secret}:b`, /^entry 1: expected id:base64url/],
      [`a b:${secret}`, /^entry 1: the id must be/],
      [`:${secret}`, /^entry 1: the id must be/],
      [`a:${secret},a:${secret}`, /^entry 2: its id stands in the ring already/],
      ['a:!!!', /^entry 1: the secret is not base64url/],
      [`a:${secret.slice(0, -1)}!`, /^entry 1: the secret is not base64url/],
      ['a:', /^entry 1: the secret must have at least 16 bytes/],
      [`a:${Buffer.alloc(15).toString('base64url')}`, /^entry 1: the secret must have at least 16 bytes/],
    ];
    for (const [text, message] of cases) {
      const parsed = parseTagRing(text);
      assert.equal(parsed.problem, 'ring', text);
      assert.match(parsed.problem === undefined ? '' : parsed.message, message);
      assert.ok(!JSON.stringify(parsed).includes(secret.slice(0, 8)));
    }
  });

  it('never throws', () => {
    const symbol = fc.constantFrom(...'ab:,=_- \0é');
    fc.assert(fc.property(fc.string({ unit: symbol, maxLength: 60 }), (text) => void parseTagRing(text)));
  });
});
