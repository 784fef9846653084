import assert from 'node:assert/strict';
import { parseUnusedCursor, unusedCursorOf } from './unused-cursor.ts';

const KEY = '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10';

describe('the cursor of unused keys', () => {
  it('names the key that a page ended with', () => {
    assert.equal(parseUnusedCursor(''), null);
    for (const lastUsedAt of [null, new Date('2026-11-22T12:00:00.001Z'), new Date('1969-01-01T00:00:00Z')]) {
      const position = { lastUsedAt, keyId: KEY };
      assert.deepEqual(parseUnusedCursor(unusedCursorOf(position)), position);
    }
  });

  it('is refused where it is not one of ours, also with a time that no database has', () => {
    const wrong = [
      '1',
      'never',
      'never:x',
      `soon:${KEY}`,
      `-999999999999999:${KEY}`,
      `999999999999999:${KEY}`,
    ];
    for (const text of wrong)
      assert.throws(
        () => parseUnusedCursor(Buffer.from(text).toString('base64url')),
        { code: 'invalid_request' },
        text,
      );
  });
});
