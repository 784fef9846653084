import assert from 'node:assert/strict';
import { requestIdOf } from './request-id.ts';

const newId = () => 'new';

describe('requestIdOf', () => {
  it('keeps what is safe in any log', () => {
    for (const id of ['a', '0123-abc_DEF.9', 'x'.repeat(128)]) assert.equal(requestIdOf(id, newId), id);
  });

  it('replaces everything else', () => {
    for (const id of [undefined, '', 'x'.repeat(129), 'a b', 'a\nb', 'ü', '{}'])
      assert.equal(requestIdOf(id, newId), 'new');
  });

  it('replaces a key, which would be stored and shown with the request', () => {
    const key = `hk_live_${'0123456789AB'.repeat(5).slice(0, 50)}`;
    for (const id of [key, `r-${key}`, key.slice(0, -1)]) assert.equal(requestIdOf(id, newId), 'new');
  });
});
