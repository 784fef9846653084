/** Events of a change, ready for the outbox. No text of a caller can carry a key into one. */
import {
  type AuditEvent,
  auditSubject,
  cloudEvent,
  currentTraceparent,
  type ExpiryNotice,
  type KeyEvent,
  type KeyEventAction,
  keyEventSubject,
} from '@hokusai/contracts';
import { isUuid } from '@hokusai/contracts/identifiers';
import { redactKeys } from '@hokusai/key-format';
import type { Caller } from '../domain/actor.ts';
import type { JsonObject, JsonValue, Key } from '../domain/key.ts';
import type { OutboxEvent } from '../domain/ports.ts';

export interface EventFactory {
  audit(entry: AuditEntry): OutboxEvent;
  /** @param notice of `expiring`: how far ahead */
  key(action: KeyEventAction, key: Key, at: Date, notice?: ExpiryNotice): OutboxEvent;
}

export interface AuditEntry {
  /** `key.created` and the like. */
  action: string;
  /** `failed`: allowed, but something else came first. */
  outcome: 'success' | 'refused' | 'failed';
  at: Date;
  by: AuditActor;
  /** With the owner of a key, who may see what was done to it. */
  target: { type: 'key' | 'user' | 'audit'; id: string; ownerUserId?: string } | null;
  before?: JsonObject;
  after?: JsonObject;
  /** A person's words, or the code of a refusal. */
  reason?: string | null;
  /** Of the user that it is about. The log keeps them erasably, so they stand nowhere else in the event. */
  personal?: UserValues;
}

/** What a change made of a user's values, and what they were. */
export type UserValues = Pick<
  AuditEvent['personal'],
  'email' | 'email_before' | 'display_name' | 'display_name_before'
>;

/**
 * Who did it: a caller with the owner of its key, where that is known (through a gateway, or through another service
 * that calls this one by itself: the event says which); someone on the keys host, by the
 * operating system's word; or the service itself, when the time had come.
 */
export type AuditActor =
  | { via: 'gateway'; caller: Caller; userId: string | null }
  | ({ via: 'bootstrap' } & HostUser)
  | { via: 'sweeper' };

/** A user of the operating system on a machine. */
export interface HostUser {
  osUser: string;
  host: string;
}

/**
 * @param source `/hokusai/keys/<instance>`
 * @param newId a new UUID at each call
 * @param traceOf `traceparent` of what is done at the moment; undefined where that is not traced
 */
export function createEventFactory(
  source: string,
  newId: () => string,
  traceOf: () => string | undefined = currentTraceparent,
): EventFactory {
  const outboxEvent = (subject: string, time: Date, data: JsonObject): OutboxEvent => {
    const id = newId();
    const event = cloudEvent({ id, source, subject, time, data: withoutKeys(data), traceparent: traceOf() });
    return { id, subject, payload: JSON.stringify(event) };
  };
  return {
    audit: (entry) => {
      const { personal, ...circumstances } = circumstancesOf(entry.by);
      const data: AuditEvent = {
        action: entry.action,
        outcome: entry.outcome,
        occurred_at: entry.at.toISOString(),
        ...circumstances,
        request_id: circumstances.request_id && withoutAddresses(circumstances.request_id),
        personal: { ...personal, ...entry.personal },
        target: entry.target && targetOf(entry.target),
        before: withoutAddresses(entry.before ?? null),
        after: withoutAddresses(entry.after ?? null),
        reason: withoutAddresses(entry.reason ?? null),
        count: 1,
      };
      return outboxEvent(auditSubject('keys', entry.action), entry.at, data as unknown as JsonObject);
    },
    key: (action, key, at, notice) => {
      const data = { ...keyEventOf(key), ...(notice && { notice }) };
      return outboxEvent(keyEventSubject(action), at, data);
    },
  };
}

function targetOf({ type, id, ownerUserId }: NonNullable<AuditEntry['target']>): AuditEvent['target'] {
  return { type, id: withoutAddresses(cut(id, 256)), ...(ownerUserId && { owner_user_id: ownerUserId }) };
}

function circumstancesOf(by: AuditActor): Pick<AuditEvent, 'actor' | 'request_id' | 'trace_id' | 'personal'> {
  if (by.via !== 'gateway') {
    const actor = { user_id: null, key_id: null, key_prefix: null, via: by.via };
    const nothing = { request_id: null, trace_id: null };
    if (by.via === 'sweeper') return { ...nothing, actor, personal: {} };
    return {
      ...nothing,
      actor: { ...actor, host: cut(by.host, 256) },
      personal: { os_user: cut(by.osUser, 256) },
    };
  }
  const { caller, userId } = by;
  return {
    actor: {
      user_id: userId,
      key_id: isUuid(caller.actingKeyId) ? caller.actingKeyId : null,
      key_prefix: orNull(cut(caller.actingKeyPrefix, 32)),
      ...doorOf(caller),
    },
    request_id: orNull(cut(caller.requestId, 128)),
    trace_id: orNull(cut(caller.traceId, 32)),
    personal: {
      ...(caller.clientIp === '' ? {} : { client_ip: cut(caller.clientIp, 64) }),
      ...(caller.userAgent === '' ? {} : { user_agent: cut(caller.userAgent, 256) }),
    },
  };
}

/** Which of them a gateway is, its name tells. */
const GATEWAY = 'gateway';

function doorOf({ service }: Caller): Pick<AuditEvent['actor'], 'via' | 'service'> {
  if (service === GATEWAY || service === '') return { via: 'gateway' };
  return { via: 'grpc', service: cut(service, 64) };
}

function keyEventOf(key: Key): KeyEvent {
  return {
    key_id: key.id,
    key_prefix: key.keyPrefix,
    name: key.name,
    environment: key.environment,
    user_id: key.userId,
    version: String(key.version),
    is_active: key.isActive,
    expires_at: key.expiresAt?.toISOString() ?? null,
  };
}

/** What the audit log says about a key, before or after a change. Metadata may be personal: left out. */
export function keyFacts(key: Key): JsonObject {
  return {
    key_prefix: key.keyPrefix,
    user_id: key.userId,
    created_by_key_id: key.createdByKeyId,
    name: key.name,
    environment: key.environment,
    scopes: [...key.scopes],
    expires_at: key.expiresAt?.toISOString() ?? null,
    rate_limit_per_hour: key.limits.ratePerHour,
    burst_limit: key.limits.burst,
    burst_window_seconds: key.limits.burstWindowSeconds,
    allowed_ips: [...key.allowedIps],
    is_active: key.isActive,
  };
}

function withoutKeys<Value extends JsonValue>(value: Value): Value {
  return withTexts(value, redactKeys);
}

/** Stands where a person's value was: that there was one may stay in the log for good, but not which. */
export const PERSONAL = '[personal]';
/** Whatever contains an email address contains this. */
const EMAIL_WITHIN = /[^\s@]@[^\s@]/;

/** Nothing in an event's body can be erased, and names and reasons are what people write there. */
function withoutAddresses<Value extends JsonValue>(value: Value): Value {
  return withTexts(value, (text) => (EMAIL_WITHIN.test(text) ? PERSONAL : text));
}

function withTexts<Value extends JsonValue>(value: Value, change: (text: string) => string): Value;
function withTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withTexts(item, change)]));
}

function cut(text: string, limit: number): string {
  return text.toWellFormed().replaceAll('\0', '').slice(0, limit);
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
