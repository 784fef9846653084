import assert from 'node:assert/strict';
import { rememberingTexts } from './remembering-texts.ts';

describe('rememberingTexts', () => {
  it('works a text out once, and answers with the same object', () => {
    const asked: string[] = [];
    const find = rememberingTexts((text) => {
      asked.push(text);
      return { text };
    });
    assert.equal(find('/a'), find('/a'));
    assert.notEqual(find('/a'), find('/b'));
    assert.deepEqual(asked, ['/a', '/b']);
  });

  it('keeps a bounded number of texts, and no long ones', () => {
    let count = 0;
    const find = rememberingTexts((text) => ({ text, count: count++ }));
    const long = 'x'.repeat(1000);
    assert.notEqual(find(long), find(long));
    const first = find('0');
    for (let index = 1; index < 2000; index++) find(String(index));
    assert.equal(find('0'), first);
    find('one more');
    assert.notEqual(find('0'), first);
  });
});
