/** Events for the outbox, and a look at what became of them. */
import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  auditSubject,
  cloudEvent,
  type KeyEvent,
  keyEventSubject,
} from '@hokusai/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';

export interface NewEvent {
  id: string;
  subject: string;
  payload: string;
}

const TIME = new Date('2026-01-01T00:00:00Z');

export function auditEvent(keyId: string = randomUUID(), note = ''): NewEvent {
  const data: AuditEvent = {
    action: 'key.created',
    outcome: 'success',
    occurred_at: TIME.toISOString(),
    actor: { user_id: null, key_id: null, key_prefix: null, via: 'bootstrap' },
    target: { type: 'key', id: keyId },
    before: null,
    after: { note },
    reason: null,
    count: 1,
    request_id: null,
    trace_id: null,
    personal: {},
  };
  return eventOf(auditSubject('keys', data.action), data);
}

export function keyEvent(keyId: string, version: number): NewEvent {
  const data: KeyEvent = {
    key_id: keyId,
    key_prefix: 'hk_live_000000000000',
    name: 'a key',
    environment: 'live',
    user_id: randomUUID(),
    version: String(version),
    is_active: true,
    expires_at: null,
  };
  return eventOf(keyEventSubject('updated'), data);
}

function eventOf<Data>(subject: string, data: Data): NewEvent {
  const id = randomUUID();
  const event = cloudEvent({ id, source: '/hokusai/keys/test', subject, time: TIME, data });
  return { id, subject, payload: JSON.stringify(event) };
}

/** In one transaction, in this order. */
export async function addEvents(client: pg.Client, events: readonly NewEvent[]): Promise<void> {
  await client.query(
    `insert into outbox (id, subject, payload)
     select id, subject, payload::json from unnest($1::uuid[], $2::text[], $3::text[]) as e (id, subject, payload)`,
    [events.map(({ id }) => id), events.map(({ subject }) => subject), events.map(({ payload }) => payload)],
  );
}

export interface StreamMessage {
  messageId: string;
  event: { id: string; data: { key_id: string; version: string } };
}

/** All messages of a stream, oldest first. */
export async function messagesOf(connection: NatsConnection, stream: string): Promise<StreamMessage[]> {
  const { streams } = await jetstreamManager(connection);
  const { state } = await streams.info(stream);
  const messages: StreamMessage[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await streams.getMessage(stream, { seq });
    if (message) messages.push({ messageId: message.header.get('Nats-Msg-Id'), event: message.json() });
  }
  return messages;
}
