import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts/errors';
import fc from 'fast-check';
import type { Key } from './key.ts';
import { checkListRequest, cursorOf, type ListRequest, pageOf, readCursor } from './listing.ts';

const request: ListRequest = {
  ...{ pageSize: 0, cursor: '', userId: '', standing: null, environment: null, scope: '', nameContains: '' },
  ...{ unusedSince: null, expiresBefore: null },
};
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

describe('checkListRequest', () => {
  it('takes the default page, and confines to the owner', () => {
    const query = checkListRequest(request, 'owner');
    assert.equal(query.limit, 50);
    assert.equal(query.ownerId, 'owner');
    assert.equal(query.after, null);
  });

  it('names all that is wrong at once', () => {
    const wrong = {
      ...{ ...request, pageSize: 201, userId: 'me', scope: 'mlflow', nameContains: 'x'.repeat(201) },
      ...{ unusedSince: new Date(Number.NaN), expiresBefore: new Date(-8.64e15) },
    };
    assert.throws(
      () => checkListRequest(wrong, null),
      (error: unknown) => {
        assert.ok(error instanceof HokusaiError && error.code === 'unprocessable');
        const paths = error.violations.map(({ path }) => path);
        const all = ['page_size', 'user_id', 'scope', 'name_contains', 'unused_since', 'expires_before'];
        assert.deepEqual(paths, all);
        return true;
      },
    );
  });
});

describe('pageOf', () => {
  const keys = [3, 2, 1].map((at) => ({ id: randomUUID(), createdAt: new Date(at) }) as Key);

  it('leads on where more was found than fits', () => {
    const page = pageOf(keys, 2);
    assert.deepEqual(page.keys, keys.slice(0, 2));
    assert.deepEqual(readCursor(page.nextCursor), { id: keys[1]?.id, createdAt: new Date(2) });
  });

  it('is the last one otherwise', () => {
    assert.deepEqual(pageOf(keys, 3), { keys, nextCursor: '' });
    assert.deepEqual(pageOf([], 3), { keys: [], nextCursor: '' });
  });
});
