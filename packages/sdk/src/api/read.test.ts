import assert from 'node:assert/strict';
import { UnexpectedAnswerError } from '../errors/errors.ts';
import { readDouble, readInt64, readObjects, readPairs, readText, readTextOr, readTexts } from './read.ts';

describe('reading what MLflow answers', () => {
  it('reads integers as numbers while they are exact, from numbers, bigints and text', () => {
    const max = 2n ** 63n - 1n;
    const from = { a: 5, b: 5n, c: '5', d: max, e: String(max), f: -(2n ** 53n) };
    const read = ['a', 'b', 'c', 'd', 'e', 'f', 'absent'].map((field) => readInt64(from, field));
    assert.deepEqual(read, [5, 5, 5, max, max, -(2n ** 53n), 0]);
  });

  it('reads the numbers that JSON has none for, and large ones', () => {
    const from = { a: 'NaN', b: 'Infinity', c: '-Infinity', d: 2n ** 1023n, e: 0.5 };
    const read = ['a', 'b', 'c', 'd', 'e', 'absent'].map((field) => readDouble(from, field));
    assert.deepEqual(read, [Number.NaN, Infinity, -Infinity, 2 ** 1023, 0.5, 0]);
  });

  it('takes any name for a key of pairs', () => {
    const pairs = readPairs({ tags: [{ key: '__proto__', value: 'x' }, { key: 'empty' }] }, 'tags');
    assert.deepEqual(Object.entries(pairs), [
      ['__proto__', 'x'],
      ['empty', ''],
    ]);
  });

  it('has the default of what is absent', () => {
    assert.equal(readTextOr({}, 'field', null), null);
    assert.deepEqual(readTexts({}, 'field'), []);
    assert.deepEqual(readObjects({}, 'field'), []);
  });

  it('says what is missing where an answer can not be an MLflow server', () => {
    const from = { text: 1, integer: 'one', double: 'one', objects: [1], texts: [1] };
    for (const read of [
      () => readText(from, 'text'),
      () => readText(from, 'absent'),
      () => readInt64(from, 'integer'),
      () => readInt64({ field: 0.5 }, 'field'),
      () => readDouble(from, 'double'),
      () => readObjects(from, 'objects'),
      () => readTexts(from, 'texts'),
    ]) {
      assert.throws(read, UnexpectedAnswerError);
    }
  });
});
