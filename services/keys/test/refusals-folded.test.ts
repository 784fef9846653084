/** Refused operations that are one event in the audit log: their count, whatever happens meanwhile. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type AuditEvent, auditEventEventSchema } from '@hokusai/contracts';
import { createLogger } from '@hokusai/service-kit';
import { createDatabase, eventually, type TestDatabase } from '@hokusai/testing';
import { startOutboxRelay } from '../src/events/outbox-relay.ts';
import { createOutboxStore } from '../src/events/outbox-store.ts';
import { type Core, type IssuedKey, openCore, outbox, refusal } from './support/core.ts';

const logger = createLogger({ service: 'keys', level: 'silent' });

describe('refused operations, folded', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  let member: IssuedKey;

  beforeEach(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url, { refusalFoldMs: 60_000 });
    admin = await core.bootstrapAdmin();
    member = await core.memberKey(admin);
    await core.pool.query('delete from outbox');
  });

  afterEach(async () => {
    await core.close();
    await database.close();
  });

  const read = (keyId: string, by: IssuedKey = member, through: Core = core) =>
    refusal(through.management.getKey(by.caller, keyId));
  const times = (count: number, work: () => Promise<unknown>) =>
    Promise.all(Array.from({ length: count }, work));
  const refused = async () =>
    (await outbox(core.pool)).map(({ payload }) => auditEventEventSchema.parse(payload).data as AuditEvent);

  it('are one event at once, and one that counts those of the minute after it', async () => {
    await read(admin.key.id);
    await times(20, () => read(admin.key.id));
    const [first, others, ...more] = await refused();
    assert.deepEqual(more, []);
    const { occurred_at: _, count, ...facts } = first as AuditEvent;
    assert.equal(count, 1);
    assert.deepEqual(facts, {
      ...{ action: 'key.read', outcome: 'refused', reason: 'key_not_found', before: null, after: null },
      actor: {
        user_id: member.key.userId,
        key_id: member.key.id,
        key_prefix: member.key.keyPrefix,
        via: 'gateway',
      },
      target: { type: 'key', id: admin.key.id, owner_user_id: admin.key.userId },
      ...{ request_id: 'request-1', trace_id: '0af7651916cd43dd8448eb211c80319c' },
      personal: { client_ip: '192.0.2.7', user_agent: 'test/1.0' },
    });
    assert.deepEqual(others, { ...facts, occurred_at: others?.occurred_at, count: 20 });
  });

  it('are apart by caller, action and reason; and name no target and no address where those differ', async () => {
    const other = await core.memberKey(admin);
    await core.pool.query('delete from outbox');
    for (let round = 0; round < 2; round += 1) {
      await read(randomUUID());
      await refusal(core.revoke(member, admin.key.id));
      await refusal(core.issue(member, { scopes: ['admin'] }));
      await read(admin.key.id, other);
      const elsewhere = { ...other, caller: { ...other.caller, clientIp: '198.51.100.1' } };
      if (round === 1) await read(admin.key.id, elsewhere);
    }
    const told = (await refused()).map(
      ({ action, actor, count, target, personal }) =>
        `${action} ${actor.key_id === member.key.id ? 'member' : 'other'} ${count} ${target === null ? 'none' : 'one'} ${personal.client_ip ?? '-'}`,
    );
    assert.deepEqual(told.toSorted(), [
      'key.created member 1 none 192.0.2.7',
      'key.created member 1 none 192.0.2.7',
      'key.read member 1 none 192.0.2.7',
      'key.read member 1 one 192.0.2.7',
      'key.read other 1 one 192.0.2.7',
      'key.read other 2 one -',
      'key.revoked member 1 one 192.0.2.7',
      'key.revoked member 1 one 192.0.2.7',
    ]);
  });

  it('are sent with their count by whoever is there when the minute is over, though their process is gone', async () => {
    await times(8, () => read(admin.key.id));
    const sent: AuditEvent[] = [];
    const relay = startOutboxRelay({
      store: createOutboxStore(core.pool),
      publish: (_subject, payload) => {
        sent.push(
          auditEventEventSchema.parse(JSON.parse(Buffer.from(payload).toString())).data as AuditEvent,
        );
        return Promise.resolve();
      },
      confirmStored: () => Promise.resolve([]),
      logger,
    });
    try {
      await eventually(() =>
        assert.deepEqual(
          sent.map(({ count }) => count),
          [1],
        ),
      );
      const later = 'update outbox set confirm_at = clock_timestamp() where attempts = 0';
      assert.equal((await core.pool.query(later)).rowCount, 1);
      await eventually(() =>
        assert.deepEqual(
          sent.map(({ count }) => count),
          [1, 7],
        ),
      );
      // Counted with it no more.
      await read(admin.key.id);
      assert.deepEqual((await refused()).map(({ count }) => count).toSorted(), [1, 1, 7]);
    } finally {
      await relay.close();
    }
  });

  it('are all counted, each once, though what counts them is sent at the same time', async () => {
    const hasty = openCore(database.url, { refusalFoldMs: 25 });
    const counts = new Map<string, number>();
    const relay = startOutboxRelay({
      store: createOutboxStore(core.pool),
      publish: (_subject, payload) => {
        const event = auditEventEventSchema.parse(JSON.parse(Buffer.from(payload).toString()));
        counts.set(event.id, event.data.count);
        return Promise.resolve();
      },
      confirmStored: (ids) =>
        Promise.resolve(
          ids.map((id, index) => ({ id, chainSeq: String(index + 1), hash: Buffer.alloc(32) })),
        ),
      logger,
    });
    try {
      let told = 0;
      for (let round = 0; round < 40; round += 1) {
        const count = 1 + (round % 7);
        await times(count, () => read(admin.key.id, member, hasty));
        told += count;
        await core.pool.query(
          'update outbox set confirm_at = clock_timestamp() where attempts = 0 and random() < 0.5',
        );
        relay.wake();
      }
      await eventually(async () => {
        await core.pool.query(
          'update outbox set confirm_at = clock_timestamp() where confirm_at is not null',
        );
        assert.equal((await outbox(core.pool)).length, 0);
      });
      assert.equal(
        [...counts.values()].reduce((sum, count) => sum + count, 0),
        told,
      );
    } finally {
      await relay.close();
      await hasty.close();
    }
  });
});
