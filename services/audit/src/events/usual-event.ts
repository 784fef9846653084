/** Tells events of the usual form, without the schema: reading one against it takes longer than all that is done else. */
import type { AuditEvent, CloudEvent } from '@hokusai/contracts';

type Members = Record<string, unknown>;

/** Lower-case, of a version and variant that RFC 9562 knows. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Of days that every month has. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const ACTION = /^[a-z_]+(\.[a-z_]+)+$/;
const OUTCOMES = new Set<unknown>(['success', 'refused', 'failed']);
const TARGETS = new Set<unknown>(['key', 'user', 'route', 'gateway', 'audit']);
/** Texts that need not be there, and how long they may be. */
const PERSONAL: Readonly<Record<string, number>> = {
  ...{ client_ip: 64, user_agent: 256, email: 640, email_before: 640 },
  ...{ display_name: 400, display_name_before: 400, os_user: 256 },
};
const EVENT_MEMBERS = 12;
const ACTOR_MEMBERS = 4;
const TARGET_MEMBERS = 2;
const ISO_LENGTH = 24;

/**
 * Whether `auditEventEventSchema` takes the event and leaves it as it is, members that it does not know included: there are
 * none in `data`. Its id is a uuid then, and times are as `Date` writes them. Of any other it says nothing: those are the schema's to judge.
 */
export function isUsual(event: unknown): event is CloudEvent<AuditEvent> {
  return (
    isObject(event) &&
    event['specversion'] === '1.0' &&
    isUuid(event['id']) &&
    isText(event['source'], 1, 256) &&
    isText(event['type'], 1, 256) &&
    isTime(event['time']) &&
    event['datacontenttype'] === 'application/json' &&
    isAbsentOrText(event['subject'], 256) &&
    isAbsentOrText(event['traceparent'], 64) &&
    isUsualEvent(event['data'])
  );
}

function isUsualEvent(data: unknown): boolean {
  return (
    isObject(data) &&
    Object.keys(data).length === EVENT_MEMBERS &&
    isText(data['action'], 1, 64) &&
    ACTION.test(data['action'] as string) &&
    OUTCOMES.has(data['outcome']) &&
    isTime(data['occurred_at']) &&
    isActor(data['actor']) &&
    (data['target'] === null || isTarget(data['target'])) &&
    (data['before'] === null || isObject(data['before'])) &&
    (data['after'] === null || isObject(data['after'])) &&
    isNullOrText(data['reason'], 1000) &&
    Number.isSafeInteger(data['count']) &&
    (data['count'] as number) >= 1 &&
    isNullOrText(data['request_id'], 128) &&
    isNullOrText(data['trace_id'], 32) &&
    isPersonal(data['personal'])
  );
}

function isActor(actor: unknown): boolean {
  return (
    isObject(actor) &&
    (actor['user_id'] === null || isUuid(actor['user_id'])) &&
    (actor['key_id'] === null || isUuid(actor['key_id'])) &&
    isNullOrText(actor['key_prefix'], 32) &&
    isText(actor['via'], 0, 32) &&
    isAbsentOrText(actor['service'], 64) &&
    isAbsentOrText(actor['host'], 256) &&
    hasNoOthers(actor, ACTOR_MEMBERS, actor['service'], actor['host'])
  );
}

function isTarget(target: unknown): boolean {
  return (
    isObject(target) &&
    TARGETS.has(target['type']) &&
    isText(target['id'], 0, 256) &&
    (target['owner_user_id'] === undefined || isUuid(target['owner_user_id'])) &&
    hasNoOthers(target, TARGET_MEMBERS, target['owner_user_id'])
  );
}

function isPersonal(personal: unknown): boolean {
  if (!isObject(personal)) return false;
  for (const name of Object.keys(personal))
    if (!(Object.hasOwn(PERSONAL, name) && isText(personal[name], 0, PERSONAL[name] as number))) return false;
  return true;
}

/** Beside the required members and those of the optional ones that are there. */
function hasNoOthers(members: Members, required: number, ...optional: readonly unknown[]): boolean {
  return Object.keys(members).length === required + optional.filter((member) => member !== undefined).length;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, least: number, most: number): boolean {
  return typeof value === 'string' && value.length >= least && value.length <= most;
}

function isNullOrText(value: unknown, most: number): boolean {
  return value === null || isText(value, 0, most);
}

function isAbsentOrText(value: unknown, most: number): boolean {
  return value === undefined || isText(value, 0, most);
}

function isUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}

/** As `Date` writes it. */
function isTime(value: unknown): boolean {
  if (typeof value !== 'string' || value.length !== ISO_LENGTH) return false;
  if (TIME.test(value)) return true;
  const timeMs = Date.parse(value);
  return !Number.isNaN(timeMs) && new Date(timeMs).toISOString() === value;
}
