import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { createCursors } from './cursor.ts';
import { pepperRing } from './digest.ts';
import { checkListRequest, keyListIdentity, type ListRequest } from './listing.ts';

const request: ListRequest = {
  ...{ pageSize: 0, cursor: '', userId: '', standing: null, environment: null, scope: '', nameContains: '' },
  ...{ unusedSince: null, expiresBefore: null },
};
const cursors = createCursors(pepperRing([{ id: 'p', secret: Buffer.alloc(32) }]));
const now = new Date('2026-03-01T12:00:00Z');

describe('checkListRequest', () => {
  it('takes the default page, and confines to the owner', () => {
    const query = checkListRequest(request, 'owner', now, cursors);
    assert.equal(query.limit, 50);
    assert.equal(query.ownerId, 'owner');
    assert.equal(query.after, null);
  });

  it('goes on where a cursor says, on pages of any size, for the same owner and filters only', () => {
    const after = { createdAt: new Date(5), id: '6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a' };
    const first = checkListRequest(request, 'owner', now, cursors);
    const cursor = cursors.of(after, keyListIdentity(first));
    const next = { ...request, cursor, pageSize: 7 };
    assert.deepEqual(checkListRequest(next, 'owner', new Date(), cursors).after, after);
    const refused = { reason: 'invalid_cursor' };
    assert.throws(() => checkListRequest(next, null, now, cursors), refused);
    assert.throws(() => checkListRequest({ ...next, scope: 'admin' }, 'owner', now, cursors), refused);
  });

  it('names all that is wrong at once', () => {
    const wrong = {
      ...{ ...request, pageSize: 201, userId: 'me', scope: 'mlflow', nameContains: 'x'.repeat(201) },
      ...{ unusedSince: new Date(Number.NaN), expiresBefore: new Date(-8.64e15) },
    };
    assert.throws(
      () => checkListRequest(wrong, null, now, cursors),
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
