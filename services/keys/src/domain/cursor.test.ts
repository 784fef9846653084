import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createCursors } from './cursor.ts';
import { pepperRing } from './digest.ts';

const pepper = (id: string) => ({ id, secret: randomBytes(32) });
const [older, newer] = [pepper('1'), pepper('2')];
const cursors = createCursors(pepperRing([newer, older]));
const list = { of: 'keys', ownerId: null, scope: 'admin', unusedSince: new Date(7) };
const refused = { code: 'invalid_request', reason: 'invalid_cursor' };

const position = fc.record(
  {
    createdAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
    id: fc.uuid(),
  },
  { noNullPrototype: true },
);

describe('cursors', () => {
  it('lead back to their position', () => {
    fc.assert(
      fc.property(position, (place) => {
        assert.deepEqual(cursors.read(cursors.of(place, list), { ...list }), place);
      }),
    );
  });

  it('are refused when any of their characters was changed', () => {
    const cursor = cursors.of({ createdAt: new Date(1_795_325_759_256), id: randomUUID() }, list);
    for (const index of Array.from(cursor).keys()) {
      const other = cursor[index] === 'A' ? 'B' : 'A';
      const forged = cursor.slice(0, index) + other + cursor.slice(index + 1);
      assert.throws(() => cursors.read(forged, list), refused, forged);
    }
    for (const text of [cursor.slice(1), `${cursor}A`, `${cursor}=`, 'x', '', 'A'.repeat(1e6)]) {
      assert.throws(() => cursors.read(text, list), refused, text.slice(0, 99));
    }
    fc.assert(fc.property(fc.string(), (text) => assert.throws(() => cursors.read(text, list), refused)));
  });

  it('are refused in another list', () => {
    const cursor = cursors.of({ createdAt: new Date(5), id: randomUUID() }, list);
    const others = [
      { ...list, of: 'users' },
      { ...list, ownerId: randomUUID() },
      { ...list, scope: '' },
      { ...list, unusedSince: new Date(8) },
    ];
    for (const other of others) assert.throws(() => cursors.read(cursor, other), refused);
  });

  it('outlive the newest pepper, and not their own', () => {
    const place = { createdAt: new Date(5), id: randomUUID() };
    const cursor = createCursors(pepperRing([older])).of(place, list);
    assert.deepEqual(cursors.read(cursor, list), place);
    assert.throws(() => createCursors(pepperRing([newer])).read(cursor, list), refused);
  });
});
