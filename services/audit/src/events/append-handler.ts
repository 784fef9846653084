/** What the consumer does with its messages: read them against the schema, and append them. */
import { auditEventEventSchema, HokusaiError, isUuid, type JsonValue } from '@hokusai/contracts';
import type { BusMessage } from '@hokusai/service-kit';
import { z } from 'zod';
import type { IncomingEvent } from '../domain/chain.ts';
import type { Appender } from '../domain/ports.ts';

/** Handler of `audit-append`. Throws, before anything is stored, for a message that can't be read. */
export function appendHandler(appender: Appender) {
  return (messages: readonly BusMessage[]): Promise<void> => appender.append(messages.map(toIncomingEvent));
}

/** The broker lets each service publish under its own name only: who sent it is read from the subject. */
const SUBJECT = /^hokusai\.audit\.v1\.([a-z]+)\.(.+)$/;

/** What has been parsed from JSON is JSON, however deep: that alone took a third of the time of reading an event. */
const parsedMembers = z.record(z.string(), z.custom<JsonValue>()).nullable();
const schema = auditEventEventSchema.extend({
  data: auditEventEventSchema.shape.data.extend({ before: parsedMembers, after: parsedMembers }),
});

function toIncomingEvent({ subject, data }: BusMessage): IncomingEvent {
  const { id, source: origin, data: event } = schema.parse(data);
  const [, source, action] = SUBJECT.exec(subject) ?? [];
  if (!source) throw unreadable(`the subject ${subject} names no service and action`);
  if (action !== event.action)
    throw unreadable(`the event's action is not the one in its subject, ${subject}`);
  if (!isUuid(id)) throw unreadable("the event's id is not a uuid");
  return { eventId: id.toLowerCase(), source, origin, event };
}

function unreadable(reason: string): HokusaiError {
  return new HokusaiError('unprocessable', reason);
}
