import assert from 'node:assert/strict';
import { truncate, wrap } from './width.ts';

describe('the width of a text', () => {
  it('is kept to by cutting between characters as people see them', () => {
    assert.equal(truncate('abcdef', 6), 'abcdef');
    assert.equal(truncate('abcdefg', 6), 'abcde…');
    assert.equal(truncate('模型模型', 6), '模型…');
    assert.equal(truncate('👩‍🔬👩‍🔬👩‍🔬', 5), '👩‍🔬👩‍🔬…');
  });

  it('is kept to by breaking between words, but not within', () => {
    assert.deepEqual(wrap('one two three', 8), ['one two', 'three']);
    assert.deepEqual(wrap('an-id-of-many-letters here', 8), ['an-id-of-many-letters', 'here']);
    assert.deepEqual(wrap('', 8), ['']);
  });
});
