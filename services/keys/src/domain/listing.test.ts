import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { checkListRequest, type ListRequest } from './listing.ts';

const request: ListRequest = {
  ...{ pageSize: 0, cursor: '', userId: '', standing: null, environment: null, scope: '', nameContains: '' },
  ...{ unusedSince: null, expiresBefore: null },
};
const now = new Date('2026-03-01T12:00:00Z');

describe('checkListRequest', () => {
  it('takes the default page, and confines to the owner', () => {
    const query = checkListRequest(request, 'owner', now);
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
      () => checkListRequest(wrong, null, now),
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
