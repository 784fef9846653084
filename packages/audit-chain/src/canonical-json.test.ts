import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';

/** Names that are sorted otherwise by JavaScript, by code points, or without regard to case. */
const oddName = fc.constantFrom(
  ...['', '10', '9', '-1', '1.5', '4294967295', '01', '__proto__', 'toJSON', 'constructor', 'length'],
  ...['a', 'A', 'a_b', 'aB', 'ä', '\u{1F600}', '\uFB33', '\r', '"', '\\', '\u2028'],
);
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary-ascii' }), oddName);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE),
);

const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    ...[text, number, fc.boolean(), fc.constant(null)],
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 8 }).map((members) => Object.fromEntries(members)),
  ),
}));

describe('canonical JSON', () => {
  it('is that of the reference implementation, for whatever JSON there is', () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.equal(canonicalJson(value), canonicalize(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives what RFC 8785 has as its example, and sorts by UTF-16 code units', () => {
    const numbers = JSON.parse('[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001]');
    const example = {
      numbers,
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    assert.equal(
      canonicalJson(example),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    assert.equal(
      canonicalJson(Object.fromEntries(names.map((name) => [name, 0]))),
      `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join()}}`,
    );
  });

  it('leaves out what is undefined', () => {
    assert.equal(canonicalJson({ b: undefined, a: 1, c: { d: undefined } }), '{"a":1,"c":{}}');
  });

  it('refuses what it has no form of', () => {
    for (const value of [Number.NaN, [Number.POSITIVE_INFINITY], { a: '\uD800' }, { '\uDC00': 1 }])
      assert.throws(() => canonicalJson(value), TypeError);
  });
});
