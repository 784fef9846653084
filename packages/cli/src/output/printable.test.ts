import assert from 'node:assert/strict';
import fc from 'fast-check';
import { holdsKey, printable, printableJson, withoutKeys } from './printable.ts';

const PREFIX = 'hk_live_4fJq0ZtY8wLs';

describe('printable text', () => {
  it('spells out what a terminal would act on', () => {
    assert.equal(
      printable('a\u001b[2J\n\t\u009b\u007f\u202e\u2028z'),
      'a\\u001b[2J\\u000a\\u0009\\u009b\\u007f\\u202e\\u2028z',
    );
    assert.equal(printable('half \ud800 and tag \u{e0041}'), 'half \\ud800 and tag \\udb40\\udc41');
  });

  it('leaves what people write', () => {
    for (const text of ['Ünïcödé 模型', '👩‍🔬', 'می‌خواهم', 'a  b']) assert.equal(printable(text), text);
  });

  it('has no control character, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e]/u);
      }),
    );
  });
});

describe('printable JSON', () => {
  it('means the same', () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
        for (const original of [json, JSON.stringify({ text }, undefined, 2)]) {
          assert.deepEqual(JSON.parse(printableJson(original)), JSON.parse(original));
        }
      }),
    );
  });

  it('has no control characters but those between its values', () => {
    assert.equal(printableJson('{\n\t"a": "\u009b\u007f"\r\n}\n'), '{\n\t"a": "\\u009b\\u007f"\r\n}\n');
  });
});

describe('text without keys', () => {
  it('keeps their prefixes', () => {
    const key = `${PREFIX}${'a'.repeat(38)}`;
    assert.equal(withoutKeys(`${key}, "${key}" and ${PREFIX}`), `${PREFIX}…, "${PREFIX}…" and ${PREFIX}`);
  });

  it('is told from text with one, whole or cut off', () => {
    assert.ok(holdsKey(`x=${PREFIX}a`));
    assert.ok(!holdsKey(PREFIX));
    assert.ok(!holdsKey('hk_live_'));
  });
});
