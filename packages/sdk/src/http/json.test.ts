import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type JsonValue, parseJson, stringifyJson } from './json.ts';

/** Those that are written down like an integer beyond 2^53 - 1 come back as one. */
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value))
  .map((value) => (Object.is(value, -0) ? 0 : value));

const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.string({ unit: 'binary' }),
    number,
    fc.maxSafeInteger(),
    fc.oneof(
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
      fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
    ),
    fc.array(tie('tree')),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('tree'), {
      noNullPrototype: true,
    }) as fc.Arbitrary<JsonValue>,
  ),
}));

describe('JSON with 64-bit integers', () => {
  it('comes back as it went, bigints included', () => {
    fc.assert(
      fc.property(tree, (value) => {
        assert.deepEqual(parseJson(stringifyJson(value)), value);
      }),
      { numRuns: 500 },
    );
  });

  it('reads as JSON.parse does where no integer is beyond 2^53 - 1', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, isLong) => {
        fc.pre(!/\d{16}(?![\d.e])/.test(text));
        const either = isLong ? `[${text},"0123456789012345"]` : text;
        assert.deepEqual(parseJson(either), JSON.parse(either));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no text for a number, and no fraction for an integer', () => {
    const text = String.raw`{"12345678901234567890":"12345678901234567890","a\"9":[1e400,-12345678901234567890,1234567890.12345678901234567]}`;
    assert.deepEqual(parseJson(text), {
      '12345678901234567890': '12345678901234567890',
      'a"9': [Number.POSITIVE_INFINITY, -12345678901234567890n, 1234567890.1234567],
    });
  });

  it('keeps a member named __proto__ as one', () => {
    const value = parseJson('{"__proto__":{"polluted":9007199254740993}}') as Record<string, JsonValue>;
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('reads once what has long fractions only', () => {
    const { parse } = JSON;
    let parsed = 0;
    JSON.parse = (text: string) => {
      parsed++;
      return parse(text);
    };
    try {
      parseJson('[0.12345678901234567, -1.1234567890123456e-7, 12.0000000000000001]');
      assert.equal(parsed, 1);
      const long = 2n ** 60n;
      assert.deepEqual(parseJson(`[0.1234567890123456,${long},-${long}]`), [0.1234567890123456, long, -long]);
    } finally {
      JSON.parse = parse;
    }
  });

  it('refuses what is not JSON', () => {
    for (const text of ['', '{', '{"a":12345678901234567', '[1234567890123456789,]', '01234567890123456789'])
      assert.throws(() => parseJson(text), SyntaxError, text);
  });

  it('reads a text of megabytes', () => {
    const long = 'x"\\'.repeat(1_000_000);
    assert.deepEqual(parseJson(stringifyJson([long, 2n ** 60n])), [long, 2n ** 60n]);
  });

  it('sends what is no number in JSON as protobuf writes it, and leaves out what is undefined', () => {
    const value = { a: Number.NaN, b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], c: undefined };
    assert.equal(stringifyJson(value), '{"a":"NaN","b":["Infinity","-Infinity"]}');
  });
});
