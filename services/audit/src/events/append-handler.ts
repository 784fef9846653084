/** What the consumer does with its messages: read them against the schema, and append them. */
import { auditEventEventSchema, HokusaiError, isUuid, type JsonValue } from '@hokusai/contracts';
import { mayHoldKey } from '@hokusai/key-format';
import { type DeliveredMessage, parseJson } from '@hokusai/service-kit';
import { z } from 'zod';
import type { IncomingEvent } from '../domain/chain.ts';
import type { Appender } from '../domain/ports.ts';
import { isUsual } from './usual-event.ts';

type Message = Pick<DeliveredMessage, 'subject' | 'text'>;

/** Handler of `audit-append`. Throws, before anything is stored, for a message that can't be read. */
export function appendHandler(appender: Appender) {
  return (messages: readonly Message[]): Promise<void> => appender.append(incomingEvents(messages));
}

/** Read as they are asked for. */
function* incomingEvents(messages: readonly Message[]): Generator<IncomingEvent> {
  for (const message of messages) yield toIncomingEvent(message);
}

/** The broker lets each service publish under its own name only: who sent it is read from the subject. */
const SUBJECT = /^hokusai\.audit\.v1\.([a-z]+)\.(.+)$/;

/** What has been parsed from JSON is JSON, however deep: that alone took a third of the time of reading an event. */
const parsedMembers = z.record(z.string(), z.custom<JsonValue>()).nullable();
const schema = auditEventEventSchema.extend({
  data: auditEventEventSchema.shape.data.extend({ before: parsedMembers, after: parsedMembers }),
});

function toIncomingEvent({ subject, text }: Message): IncomingEvent {
  const parsed = parseJson(text);
  const isPlain = isPlainText(text) && isUsual(parsed);
  const { id, source: origin, data: event } = isPlain ? parsed : schema.parse(parsed);
  const [, source, action] = SUBJECT.exec(subject) ?? [];
  if (!source) throw unreadable(`the subject ${subject} names no service and action`);
  if (action !== event.action)
    throw unreadable(`the event's action is not the one in its subject, ${subject}`);
  if (!isPlain && !isUuid(id)) throw unreadable("the event's id is not a uuid");
  return { eventId: id.toLowerCase(), source, origin, event, isStorable: isPlain };
}

/**
 * Whether the JSON's texts stand in it as they are, and none has to be altered to be stored: without escapes there is
 * no NUL and no half of a surrogate pair, and what a key is recognised by does not go beyond a quotation mark.
 */
function isPlainText(json: string): boolean {
  return !json.includes('\\') && !mayHoldKey(json) && !json.includes('__proto__');
}

function unreadable(reason: string): HokusaiError {
  return new HokusaiError('unprocessable', reason);
}
