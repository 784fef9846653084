import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts/errors';
import fc from 'fast-check';
import { cursorOf, pageOf, readCursor } from './paging.ts';

const position = fc.record(
  {
    createdAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
    id: fc.uuid(),
  },
  { noNullPrototype: true },
);

describe('cursors', () => {
  it('lead back to their position', () => {
    fc.assert(fc.property(position, (place) => assert.deepEqual(readCursor(cursorOf(place)), place)));
  });

  it('are refused when they were tampered with', () => {
    const cursor = cursorOf({ createdAt: new Date(5), id: randomUUID() });
    const forged = [cursor.slice(1), `${cursor}A`, 'x', `${cursor}=`, cursor.toLowerCase(), 'A'.repeat(1e6)];
    for (const text of forged)
      assert.throws(() => readCursor(text), { code: 'invalid_request' }, text.slice(0, 99));
    const isRefusedOrItself = (text: string) => {
      try {
        return cursorOf(readCursor(text)) === text;
      } catch (error) {
        return error instanceof HokusaiError && error.code === 'invalid_request';
      }
    };
    fc.assert(fc.property(fc.string(), (text) => assert.ok(isRefusedOrItself(text))));
  });
});

describe('pageOf', () => {
  const items = [3, 2, 1].map((at) => ({ id: randomUUID(), createdAt: new Date(at) }));

  it('leads on where more was found than fits', () => {
    const page = pageOf(items, 2);
    assert.deepEqual(page.items, items.slice(0, 2));
    assert.deepEqual(readCursor(page.nextCursor), { id: items[1]?.id, createdAt: new Date(2) });
  });

  it('is the last one otherwise', () => {
    assert.deepEqual(pageOf(items, 3), { items, nextCursor: '' });
    assert.deepEqual(pageOf([], 3), { items: [], nextCursor: '' });
  });
});
