/** Audit events as services publish them, and as the log takes them. */
import { randomUUID } from 'node:crypto';
import { type AuditEvent, auditSubject, cloudEvent } from '@hokusai/contracts';
import type { Bus } from '@hokusai/service-kit';
import type { EventFilter } from '../../src/domain/access.ts';
import type { IncomingEvent } from '../../src/domain/chain.ts';

export const USER = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
export const KEY = '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10';

/** Selects everything. */
export const NO_FILTER: EventFilter = {
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

export function eventOf(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    action: 'key.created',
    outcome: 'success',
    occurred_at: '2025-01-15T12:00:00.000Z',
    actor: { user_id: USER, key_id: KEY, key_prefix: 'hk_live_0123456789AB', via: 'gateway' },
    target: { type: 'key', id: randomUUID() },
    before: null,
    after: { name: 'notebook' },
    reason: null,
    count: 1,
    request_id: 'r-1',
    trace_id: null,
    personal: { client_ip: '192.0.2.1' },
    ...changes,
  };
}

export function incomingOf(changes: Partial<AuditEvent> = {}, eventId: string = randomUUID()): IncomingEvent {
  return { eventId, source: 'keys', origin: '/hokusai/keys/1', event: eventOf(changes) };
}

/** `messageId` differs from the event's id where a broker has forgotten that it had it. */
export async function publishEvent(
  bus: Pick<Bus, 'publish'>,
  eventId: string,
  event: AuditEvent = eventOf(),
  messageId: string = eventId,
): Promise<void> {
  const subject = auditSubject('keys', event.action);
  const time = new Date();
  const message = cloudEvent({ id: eventId, source: '/hokusai/keys/1', subject, time, data: event });
  await bus.publish(subject, Buffer.from(JSON.stringify(message)), messageId);
}
