/** The outbox relay between real Postgres, a real broker and a stand-in for the audit service. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServiceClient, services } from '@hokusai/contracts';
import { type Bus, createLogger, createPool, openBus, type Pool } from '@hokusai/service-kit';
import {
  createDatabase,
  createNats,
  eventually,
  grpcToken,
  type TestDatabase,
  type TestNats,
} from '@hokusai/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { createConfirmation } from '../src/events/audit-confirmation.ts';
import { type OutboxRelay, startOutboxRelay } from '../src/events/outbox-relay.ts';
import { createOutboxStore, type OutboxStore } from '../src/events/outbox-store.ts';
import { AuditService } from './support/audit-service.ts';
import { addEvents, auditEvent, keyEvent, messagesOf, type NewEvent } from './support/outbox.ts';

interface LogLine {
  level: string;
  msg: string;
  events?: string[];
  parked?: number;
}

describe('outbox relay', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let nats: TestNats;
  let admin: pg.Client;
  let pool: Pool;
  let bus: Bus;
  let broker: NatsConnection;
  let audit: AuditService;
  let auditAddress: string;
  let relays: OutboxRelay[];
  let log: LogLine[];
  const closers: (() => unknown)[] = [];

  beforeEach(async function () {
    this.timeout(120_000);
    [database, nats] = await Promise.all([createDatabase('keys'), createNats()]);
    log = [];
    relays = [];
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    pool = createPool({
      connectionString: database.url,
      max: 8,
      applicationName: 'test-relay',
      onError: () => {},
    });
    const logger = createLogger({ service: 'keys', level: 'silent' });
    bus = openBus({ url: nats.urls.keys, name: 'keys', publishTimeoutMs: 2000, logger });
    const { username: user, password: pass, host: servers } = new URL(nats.urls.admin);
    broker = await connect({ servers, user, pass, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    audit = new AuditService();
    auditAddress = await audit.answer();
    await eventually(() => bus.check());
  });

  afterEach(async () => {
    for (const relay of relays) await relay.close();
    for (const close of closers.splice(0)) await close();
    await audit.close();
    await bus.close();
    await broker.close();
    await pool.end();
    await admin.end();
    await Promise.all([nats.close(), database.close()]);
  });

  const alarm = () => relays[0]?.alarm();

  function startRelay(
    store: OutboxStore = createOutboxStore(pool),
    publish: Bus['publish'] = bus.publish,
  ): OutboxRelay {
    const write = (line: string) => void log.push(JSON.parse(line) as LogLine);
    const logger = createLogger({ service: 'keys', level: 'info', destination: { write } });
    const client = createServiceClient(services.audit, {
      peer: 'audit service',
      address: auditAddress,
      timeoutMs: 20_000,
      token: grpcToken,
    });
    const confirmStored = createConfirmation(client);
    const relay = startOutboxRelay({ store, publish, confirmStored, logger });
    relays.push(relay);
    closers.push(() => client.close());
    return relay;
  }

  const rows = async <Row>(text: string) => (await admin.query(text)).rows as Row[];
  const outbox = () =>
    rows<{ id: string; attempts: number; sent_at: Date | null; parked_reason: string | null }>(
      'select id, attempts, sent_at, parked_reason from outbox order by seq',
    );
  const whenEmpty = () => eventually(async () => assert.equal((await outbox()).length, 0));
  const whenSent = (sendings: number) =>
    eventually(async () => {
      const states = (await outbox()).map(({ attempts, sent_at }) => [attempts, sent_at !== null]);
      assert.ok(states.length > 0 && states.every(([times, isSent]) => times === sendings && isSent));
    });
  /** As if so much time had gone by for what is in the outbox. */
  const letPass = (seconds: number) =>
    admin.query(
      `update outbox set sent_at = sent_at - $1 * interval '1 second', confirm_at = clock_timestamp(),
         claimed_until = claimed_until - $1 * interval '1 second'`,
      [seconds],
    );
  const storedOnce = (events: readonly NewEvent[]) =>
    assert.deepEqual(
      events.map(({ id }) => audit.stored.has(id)),
      events.map(() => true),
    );

  it('brings events to their streams, and keeps the audit log’s answer as a witness', async () => {
    audit.consume(nats.urls.audit);
    startRelay();
    const keyId = randomUUID();
    const events = [auditEvent(keyId), keyEvent(keyId, 1), keyEvent(keyId, 2)];
    await addEvents(admin, events);
    await whenEmpty();
    const witness = await rows('select event_id, chain_seq::int, hash from stored_events');
    const { chainSeq, hash } = audit.stored.get(events[0]?.id ?? '') ?? {};
    assert.deepEqual(witness, [{ event_id: events[0]?.id, chain_seq: chainSeq, hash }]);
    const keys = await messagesOf(broker, 'KEYS');
    assert.deepEqual(
      keys.map(({ event }) => JSON.stringify(event)),
      events.slice(1).map(({ payload }) => payload),
    );
    assert.deepEqual(
      (await messagesOf(broker, 'AUDIT')).map(({ messageId }) => messageId),
      [events[0]?.id],
    );
  });

  it('loses nothing while the broker is away, and lets changes go on', async () => {
    audit.consume(nats.urls.audit);
    const relay = startRelay();
    await nats.kill();
    const keyId = randomUUID();
    const events = [auditEvent(keyId), keyEvent(keyId, 1)];
    await addEvents(admin, events);
    relay.wake();
    await eventually(() =>
      assert.ok(log.some(({ msg }) => msg === 'publishing events: failed; trying again')),
    );
    assert.equal((await outbox()).length, 2);
    await nats.start();
    await whenEmpty();
    storedOnce(events.slice(0, 1));
    assert.equal((await messagesOf(broker, 'KEYS')).length, 1);
    assert.ok(log.some(({ msg }) => msg === 'publishing events: works again'));
    const warnings = log.filter(({ level, msg }) => level === 'warn' && msg.startsWith('publishing events'));
    assert.equal(warnings.length, 1, 'an outage is told once');
  });

  it('keeps what was sent while the audit service is away, and does not send it again for that', async () => {
    await audit.close();
    const relay = startRelay();
    const event = auditEvent();
    await addEvents(admin, [event]);
    relay.wake();
    await whenSent(1);
    await letPass(3600);
    await eventually(() => assert.ok(log.some(({ msg }) => /asking the audit log .* failed/.test(msg))));
    assert.deepEqual(
      (await outbox()).map(({ attempts }) => attempts),
      [1],
    );
    audit.store(event.id);
    await audit.answer(Number(auditAddress.split(':')[1]));
    await letPass(0);
    await whenEmpty();
    assert.equal((await messagesOf(broker, 'AUDIT')).length, 1);
  });

  it('sends again, under another name, what the broker acknowledged and lost', async () => {
    startRelay();
    const event = auditEvent();
    await addEvents(admin, [event]);
    await whenSent(1);
    // The broker forgets the message, but not that it has seen its name.
    await (await jetstreamManager(broker)).streams.purge('AUDIT');
    await assert.doesNotReject(bus.publish(event.subject, Buffer.from(event.payload), event.id));
    assert.deepEqual(await messagesOf(broker, 'AUDIT'), []);
    audit.consume(nats.urls.audit);
    await letPass(30);
    await whenEmpty();
    storedOnce([event]);
    assert.deepEqual(
      (await messagesOf(broker, 'AUDIT')).map(({ messageId }) => messageId),
      [`${event.id}.1`],
    );
  });

  it('does not send again before 30 seconds have passed', async () => {
    startRelay();
    const event = auditEvent();
    await addEvents(admin, [event]);
    await whenSent(1);
    const asked = audit.questions.length;
    await letPass(25);
    await eventually(() => assert.ok(audit.questions.length > asked));
    await whenSent(1);
    assert.equal((await messagesOf(broker, 'AUDIT')).length, 1);
  });

  it('loses no audit event when the broker is killed between its acknowledgement and its sync', async () => {
    startRelay();
    startRelay();
    const events = Array.from({ length: 300 }, () => auditEvent());
    const adding = (async () => {
      for (let start = 0; start < events.length; start += 10) {
        await addEvents(admin, events.slice(start, start + 10));
      }
    })();
    await eventually(async () => assert.ok((await outbox()).some(({ sent_at }) => sent_at !== null)));
    await nats.kill();
    await nats.start();
    await adding;
    audit.consume(nats.urls.audit);
    await eventually(async () => {
      await letPass(300);
      assert.deepEqual(await outbox(), []);
    });
    storedOnce(events);
    const [{ count }] = (await rows('select count(*)::int from stored_events')) as [{ count: number }];
    assert.equal(count, events.length);
  });

  it('sends once what a relay published before it died', async () => {
    const store = createOutboxStore(pool);
    const published = Promise.withResolvers<void>();
    const dying = startRelay({
      ...store,
      markSent: () => {
        published.resolve();
        return Promise.reject(new Error('killed'));
      },
    });
    const event = auditEvent();
    await addEvents(admin, [event]);
    dying.wake();
    await published.promise;
    await dying.close();
    audit.consume(nats.urls.audit);
    startRelay();
    await letPass(15);
    await whenEmpty();
    assert.equal(audit.stored.get(event.id)?.arrivals, 1);
    assert.equal((await messagesOf(broker, 'AUDIT')).length, 1);
  });

  it('parks what the audit log never stores, raises the alarm, and lets go when it is stored after all', async () => {
    audit.consume(nats.urls.audit);
    startRelay();
    const [bad, worse, good] = [auditEvent(), auditEvent(), auditEvent()];
    audit.refused.add(bad.id).add(worse.id);
    await addEvents(admin, [bad, worse, good]);
    await eventually(async () => assert.equal((await outbox()).length, 2));
    for (const sendings of [1, 2, 3, 4, 5]) {
      await whenSent(sendings);
      await letPass(300);
    }
    await eventually(async () => {
      for (const { parked_reason } of await outbox()) assert.match(parked_reason ?? '', /sent five times/);
    });
    const alarms = log.filter(({ level }) => level === 'error');
    assert.deepEqual(alarms.flatMap(({ events }) => events).toSorted(), [bad.id, worse.id].toSorted());
    await eventually(() => assert.equal(alarm(), '2 events are parked in the outbox and need a person'), {
      timeoutMs: 20_000,
    });
    storedOnce([good]);
    audit.store(bad.id);
    await letPass(60);
    await eventually(async () => assert.equal((await outbox()).length, 1));

    // What a person does once the cause is gone.
    audit.refused.clear();
    await admin.query('update outbox set parked_at = null, parked_reason = null, sent_at = null');
    await eventually(() => storedOnce([worse]));
    await letPass(0);
    await whenEmpty();
  });

  it('parks what the broker will never take, and goes on with the same key', async () => {
    startRelay();
    const keyId = randomUUID();
    const huge = keyEvent(keyId, 1);
    const { data, ...rest } = JSON.parse(huge.payload) as { data: object };
    huge.payload = JSON.stringify({ ...rest, data: { ...data, name: 'x'.repeat(2 * 1024 * 1024) } });
    await addEvents(admin, [huge, keyEvent(keyId, 2)]);
    await eventually(async () => {
      const left = await outbox();
      assert.deepEqual(
        left.map(({ id }) => id),
        [huge.id],
      );
      assert.match(left[0]?.parked_reason ?? '', /larger than NATS accepts/);
    });
    const versions = (await messagesOf(broker, 'KEYS')).map(({ event }) => event.data.version);
    assert.deepEqual(versions, ['2']);
  });

  it('shares the work among replicas, and keeps the order of each key', async () => {
    const keyIds = Array.from({ length: 15 }, () => randomUUID());
    const events = Array.from({ length: 20 }, (_, index) =>
      keyIds.map((id) => keyEvent(id, index + 1)),
    ).flat();
    await addEvents(admin, events);
    // What is published at the same time arrives in any order.
    const publish: Bus['publish'] = async (...message) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      return bus.publish(...message);
    };
    for (let replica = 0; replica < 3; replica += 1) startRelay(createOutboxStore(pool), publish);
    await whenEmpty();
    const sent = await messagesOf(broker, 'KEYS');
    assert.equal(sent.length, events.length);
    for (const keyId of keyIds) {
      const versions = sent
        .filter(({ event }) => event.data.key_id === keyId)
        .map(({ event }) => event.data.version);
      assert.deepEqual(
        versions,
        Array.from({ length: 20 }, (_, index) => String(index + 1)),
      );
    }
  });

  it('works off a backlog of any length, a bounded part at a time', async () => {
    audit.consume(nats.urls.audit);
    const events = Array.from({ length: 2500 }, () => auditEvent());
    await addEvents(admin, events);
    startRelay();
    startRelay();
    await whenEmpty();
    storedOnce(events);
    assert.ok(audit.questions.every((ids) => ids.length <= 1000));
  });
});
