import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  cloudEvent,
  EXPIRY_NOTICES,
  KEY_EVENT_ACTIONS,
  type KeyEvent,
  type KeyEventAction,
  keyEventSubject,
} from '@hokusai/contracts';
import fc from 'fast-check';
import { keyEventsHandler } from '../src/events/handlers.ts';
import { createKeyProjection } from '../src/storage/key-projection.ts';
import { openUsageDatabase, received, storeOn, type UsageDatabase } from './support/usage-database.ts';
import { batchOf, keyEventOf } from './support/usage-events.ts';

describe('the projection of keys', () => {
  let db: UsageDatabase;

  before(async function () {
    this.timeout(120_000);
    db = await openUsageDatabase();
  });
  after(() => db.close());

  const nameOf = async (id: string) => {
    const { rows } = await db.pool.query('select name, version from keys_projection where id = $1', [id]);
    return rows[0] && [rows[0].name, rows[0].version];
  };

  it('holds a placeholder for a key that was used before its event came, and fills it in', async () => {
    const key_id = randomUUID();
    await storeOn(db.pool).ingest([received(batchOf(randomUUID(), 1, 1, { key_id }))]);
    assert.deepEqual(await nameOf(key_id), [null, '0']);
    await createKeyProjection(db.pool).apply([keyEventOf(1, { key_id })]);
    assert.deepEqual(await nameOf(key_id), ['name 1', '1']);
  });

  it('takes every kind of key event, and what is told ahead of an expiry changes nothing', async () => {
    const key_id = randomUUID();
    const handle = keyEventsHandler(createKeyProjection(db.pool));
    const tell = (action: KeyEventAction, event: KeyEvent) => {
      const subject = keyEventSubject(action);
      const data = cloudEvent({
        id: randomUUID(),
        source: '/hokusai/test',
        subject,
        time: new Date(),
        data: event,
      });
      return handle([{ subject, data, receivedAt: new Date(), streamSequence: 1 }]);
    };
    const stateOf = async () =>
      (await db.pool.query('select is_active, version from keys_projection where id = $1', [key_id])).rows[0];
    const event = keyEventOf(1, { key_id, expires_at: '2026-03-01T12:00:00.000Z' });
    await tell('created', event);
    for (const notice of EXPIRY_NOTICES) await tell('expiring', { ...event, notice });
    assert.deepEqual(await stateOf(), { is_active: true, version: '1' });
    await tell('expired', { ...event, version: '2', is_active: false });
    assert.deepEqual(await stateOf(), { is_active: false, version: '2' });
    for (const action of KEY_EVENT_ACTIONS) await tell(action, event);
    assert.deepEqual(await stateOf(), { is_active: false, version: '2' });
  });

  it('shows the newest version, in whatever order events come', async () => {
    const projection = createKeyProjection(db.pool);
    const beyond = '9007199254740993';
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 }), fc.nat(4), async (order, cut) => {
        const key_id = randomUUID();
        const events = order.map((n) =>
          keyEventOf(n, { key_id, version: String(BigInt(beyond) + BigInt(n)) }),
        );
        await projection.apply(events.slice(0, cut));
        await projection.apply(events.slice(cut));
        assert.deepEqual(await nameOf(key_id), ['name 4', String(BigInt(beyond) + 4n)]);
      }),
      { numRuns: 20 },
    );
  });
});
