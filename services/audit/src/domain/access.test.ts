import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { readerOf, requireAdmin } from '@hokusai/contracts/reader';
import fc from 'fast-check';
import { checkQuery, cursorOf, type EventFilter, maySeePersonalValues, parseCursor } from './access.ts';

const ME = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
const ALL: EventFilter = {
  actorUserId: null,
  keyId: null,
  targetId: null,
  action: null,
  outcome: null,
  clientIp: null,
  requestId: null,
  from: null,
  to: null,
};

const failsWith = (code: string) => (error: unknown) => error instanceof HokusaiError && error.code === code;

describe('access to the audit log', () => {
  it('takes no call that does not say who is asking', () => {
    for (const id of [undefined, '', 'me'])
      assert.throws(() => readerOf(id, true), failsWith('unauthenticated'));
  });

  it("shows a member nobody else's personal values", () => {
    const member = readerOf(ME, false);
    assert.equal(maySeePersonalValues(member, ME), true);
    assert.equal(maySeePersonalValues(member, null), false);
    assert.equal(maySeePersonalValues(readerOf(ME, true), null), true);
    assert.throws(() => requireAdmin(member, 'do this'), failsWith('permission_denied'));
  });

  it('limits pages, and names all that is wrong with a query', () => {
    assert.equal(checkQuery(ALL, 0), 100);
    assert.equal(checkQuery(ALL, 500), 500);
    const wrong = {
      ...ALL,
      actorUserId: 'a',
      keyId: 'b',
      from: new Date('2025-01-02'),
      to: new Date('2025-01-01'),
    };
    assert.throws(
      () => checkQuery(wrong, 501),
      (error) => error instanceof HokusaiError && error.violations.length === 4,
    );
  });

  it('reads its own cursors and no others', () => {
    fc.assert(
      fc.property(fc.nat(), (seq) => {
        assert.equal(parseCursor(cursorOf(seq)), seq);
      }),
    );
    assert.equal(parseCursor(''), null);
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        assert.throws(() => parseCursor(`~${text}`), failsWith('invalid_request'));
      }),
    );
  });
});
