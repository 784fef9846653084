import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts/errors';
import { createCursors } from './cursor.ts';
import { pepperRing } from './digest.ts';
import { checkUserListRequest, type UserListRequest, userListIdentity } from './user-listing.ts';

const cursors = createCursors(pepperRing([{ id: 'p', secret: Buffer.alloc(32) }]));

const request: UserListRequest = {
  ...{ pageSize: 0, cursor: '', externalId: '', email: '', role: null, standing: null },
};

describe('checkUserListRequest', () => {
  it('takes the default page from the newest, or goes on where a cursor says', () => {
    const { pageSize, cursor, ...filter } = request;
    assert.deepEqual(checkUserListRequest(request, cursors), { ...filter, limit: 50, after: null });
    const after = { createdAt: new Date(5), id: randomUUID() };
    const made = cursors.of(after, userListIdentity({ ...filter, limit: 1, after: null }));
    const next = checkUserListRequest({ ...request, pageSize: 200, cursor: made }, cursors);
    assert.deepEqual(next, { ...filter, limit: 200, after });
  });

  it('names all that is wrong at once', () => {
    const wrong = { ...request, pageSize: 201, externalId: 'x'.repeat(257), email: 'a\0@example.org' };
    assert.throws(
      () => checkUserListRequest(wrong, cursors),
      (error: unknown) => {
        assert.ok(error instanceof HokusaiError && error.code === 'unprocessable');
        assert.deepEqual(
          error.violations.map(({ path }) => path),
          ['page_size', 'external_id', 'email'],
        );
        return true;
      },
    );
  });

  it('refuses a forged cursor', () => {
    assert.throws(() => checkUserListRequest({ ...request, cursor: 'AAAA' }, cursors), {
      reason: 'invalid_cursor',
    });
  });
});
