import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { pageOf } from './paging.ts';

describe('pageOf', () => {
  const items = [3, 2, 1].map((at) => ({ id: randomUUID(), createdAt: new Date(at) }));

  it('leads on where more was found than fits', () => {
    const page = pageOf(items, 2);
    assert.deepEqual(page.items, items.slice(0, 2));
    assert.deepEqual(page.end, { id: items[1]?.id, createdAt: new Date(2) });
  });

  it('is the last one otherwise', () => {
    assert.deepEqual(pageOf(items, 3), { items, end: null });
    assert.deepEqual(pageOf([], 3), { items: [], end: null });
  });
});
