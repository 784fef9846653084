import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { BASE62 } from './base62.ts';
import { mintKey } from './mint.ts';
import { parseKey } from './parse.ts';
import { KEY_PATTERN } from './shape.ts';

/** Strings that come close to keys in every way, beside quite different ones. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc
    .string({ unit: fc.constantFrom(...BASE62, '-', '_', ' ', '\0', 'é'), maxLength: 60 })
    .map((rest) => `hk_live_${rest}`),
  fc
    .string({ unit: fc.constantFrom(...BASE62), minLength: 48, maxLength: 52 })
    .map((rest) => `hk_test_${rest}`),
);

describe('parseKey', () => {
  const { key, prefix } = mintKey('live', [], randomBytes);

  it('gives the parts of a key', () => {
    assert.deepEqual(parseKey(key), { environment: 'live', prefix, tag: key.slice(-6) });
  });

  it('never throws, and accepts just what the published pattern describes', () => {
    const whole = new RegExp(`^${KEY_PATTERN.source}$`);
    fc.assert(
      fc.property(texts, (text) => {
        const accepted = parseKey(text).problem === undefined;
        assert.equal(accepted, whole.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('says what is wrong in words', () => {
    const cases: [string, string, RegExp][] = [
      ['', 'empty', /is empty/],
      [key.slice(0, -1), 'length', /has 58 characters, this text has 57: was the key cut off/],
      [`${key}x`, 'length', /has 59: was something appended/],
      [key.replace('live', 'prod'), 'marker', /starts with hk_live_ or hk_test_/],
      ['eyJhbGciOiJIUzI1NiJ9', 'marker', /another kind of token/],
      [`${key.slice(0, 20)}-${key.slice(21)}`, 'alphabet', /character 21 is none of/],
      [`${key} `, 'surroundings', /send the bare key/],
      [`"${key}"`, 'surroundings', /quotes/],
    ];
    for (const [text, problem, message] of cases) {
      const parsed = parseKey(text);
      assert.equal(parsed.problem, problem);
      assert.match(parsed.problem === undefined ? '' : parsed.message, message);
    }
  });

  it('never repeats what was sent', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const parsed = parseKey(text);
        if (parsed.problem === undefined) return;
        const sent = text.replace(/^hk_(live|test)_/, '');
        for (let at = 0; at + 5 <= sent.length; at++) {
          const piece = sent.slice(at, at + 5);
          // Five letters in a row can only come from the text, unless the sentence has them anyway.
          if (/^[A-Za-z0-9]{5}$/.test(piece) && /[A-Z0-9]/.test(piece))
            assert.ok(!parsed.message.includes(piece));
        }
      }),
    );
  });
});
