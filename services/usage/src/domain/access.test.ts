import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { readerOf, requireAdmin } from '@hokusai/contracts/reader';
import { checkPeriod, selectionFor, type UsageSelection } from './access.ts';

const ME = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
const OTHER = '11111111-2f8e-4a8e-9f59-0a4b7e0d9c11';
const ALL: UsageSelection = { keyId: null, userId: null, endpoint: null, from: null, to: null };

const failsWith = (code: string) => (error: unknown) => error instanceof HokusaiError && error.code === code;

describe('access to usage', () => {
  it('shows an admin what they ask for', () => {
    assert.deepEqual(selectionFor(readerOf(ME, true), { ...ALL, userId: OTHER }).userId, OTHER);
    assert.deepEqual(selectionFor(readerOf(ME, true), ALL), ALL);
  });

  it('shows a member their own only, for any key', () => {
    assert.equal(selectionFor(readerOf(ME, false), ALL).userId, ME);
    assert.equal(selectionFor(readerOf(ME, false), { ...ALL, keyId: OTHER }).userId, ME);
    assert.equal(selectionFor(readerOf(ME, false), { ...ALL, userId: ME.toUpperCase() }).userId, ME);
    assert.throws(
      () => selectionFor(readerOf(ME, false), { ...ALL, userId: OTHER }),
      failsWith('permission_denied'),
    );
    assert.throws(() => requireAdmin(readerOf(ME, false), 'this'), failsWith('permission_denied'));
  });

  it('refuses a call without a user', () => {
    for (const id of [undefined, '', 'me'])
      assert.throws(() => readerOf(id, true), failsWith('unauthenticated'));
  });

  it('names all that is wrong with a filter', () => {
    const from = new Date('2025-01-02');
    const to = new Date('2025-01-01');
    assert.throws(
      () => selectionFor(readerOf(ME, true), { ...ALL, keyId: 'x', userId: 'y', from, to }),
      (error) =>
        error instanceof HokusaiError &&
        error.violations.map(({ path }) => path).join() === 'to,key_id,user_id',
    );
    assert.throws(() => checkPeriod({ from, to }), failsWith('unprocessable'));
  });
});
