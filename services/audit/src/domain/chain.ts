/**
 * The chain of the audit log: what is stored of an event, and how each row is bound to the one before.
 *
 *     body = canonical JSON (RFC 8785) of the event, with its number and the digests of personal values
 *     hash = SHA-256(previous hash, 32 bytes ‖ body in UTF-8); before the first row: 32 zero bytes
 *     digest of a personal value = HMAC-SHA-256(salt, name ‖ ':' ‖ value), lower-case hex
 */
import { createHash, createHmac } from 'node:crypto';
import type { AuditEvent } from '@hokusai/contracts';
import { redactKeys } from '@hokusai/key-format';
import canonicalize from 'canonicalize';

export interface ChainHead {
  /** Number of the last row; 0 while there is none. */
  chainSeq: number;
  /** 32 bytes. */
  hash: Uint8Array;
}

export const EMPTY_CHAIN: ChainHead = { chainSeq: 0, hash: new Uint8Array(32) };

/** An event as it came, with what only its delivery tells. */
export interface IncomingEvent {
  /** uuid */
  eventId: string;
  /** The service that the broker let publish it. */
  source: string;
  /** CloudEvents `source`: which instance. */
  origin: string;
  event: AuditEvent;
}

export interface PersonalValue {
  name: string;
  value: string;
  /** 32 random bytes. */
  salt: Uint8Array;
}

/** A row of the log, with its personal values beside it. */
export interface ChainRow {
  chainSeq: number;
  eventId: string;
  previousHash: Uint8Array;
  hash: Uint8Array;
  body: string;
  columns: QueryColumns;
  personal: PersonalValue[];
}

/** Parts of the body that queries select by. Times as ISO 8601 in UTC with milliseconds. */
export interface QueryColumns {
  stored_at: string;
  occurred_at: string;
  source: string;
  action: string;
  outcome: string;
  actor_user_id: string | null;
  actor_key_id: string | null;
  target_type: string | null;
  target_id: string | null;
  request_id: string | null;
  trace_id: string | null;
}

const BODY_VERSION = 1;
const SALT_BYTES = 32;

export interface AppendContext {
  storedAt: Date;
  randomBytes: (size: number) => Uint8Array;
}

/** The rows that follow `head` for these events, in their order. */
export function appendToChain(
  head: ChainHead,
  events: readonly IncomingEvent[],
  context: AppendContext,
): ChainRow[] {
  const rows: ChainRow[] = [];
  let last = head;
  for (const event of events) {
    const row = rowAfter(last, event, context);
    rows.push(row);
    last = row;
  }
  return rows;
}

function rowAfter(head: ChainHead, incoming: IncomingEvent, context: AppendContext): ChainRow {
  const chainSeq = head.chainSeq + 1;
  const event = storable(incoming.event);
  const personal = Object.entries(event.personal)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => ({ name, value, salt: context.randomBytes(SALT_BYTES) }));
  const content = {
    ...event,
    version: BODY_VERSION,
    chain_seq: chainSeq,
    event_id: incoming.eventId,
    source: incoming.source,
    origin: storable(incoming.origin),
    occurred_at: new Date(event.occurred_at).toISOString(),
    stored_at: context.storedAt.toISOString(),
    personal: Object.fromEntries(personal.map((one) => [one.name, personalDigest(one)])),
  };
  const body = canonicalize(content) as string;
  return {
    chainSeq,
    eventId: incoming.eventId,
    previousHash: head.hash,
    hash: chainHash(head.hash, body),
    body,
    columns: columnsOf(content),
    personal,
  };
}

/** SHA-256 over the predecessor's hash and the stored bytes. */
export function chainHash(previousHash: Uint8Array, body: string): Uint8Array {
  return createHash('sha256').update(previousHash).update(body, 'utf8').digest();
}

/** What the log keeps of a personal value; without its salt it tells nothing. */
export function personalDigest({ name, value, salt }: PersonalValue): string {
  return createHmac('sha256', salt).update(`${name}:${value}`, 'utf8').digest('hex');
}

/** The columns that belong to a body's content. */
export function columnsOf(content: BodyContent): QueryColumns {
  return {
    stored_at: content.stored_at,
    occurred_at: content.occurred_at,
    source: content.source,
    action: content.action,
    outcome: content.outcome,
    actor_user_id: content.actor.user_id?.toLowerCase() ?? null,
    actor_key_id: content.actor.key_id?.toLowerCase() ?? null,
    target_type: content.target?.type ?? null,
    target_id: content.target?.id ?? null,
    request_id: content.request_id,
    trace_id: content.trace_id,
  };
}

export type BodyContent = Omit<AuditEvent, 'personal'> & {
  version: number;
  chain_seq: number;
  event_id: string;
  source: string;
  origin: string;
  stored_at: string;
  /** Digests by name. */
  personal: Record<string, string>;
};

/**
 * Postgres refuses NUL, canonical JSON broken surrogates: an event that holds one is stored without. A key
 * must not be in an event; should one be, its prefix stays, since what the log holds can't be taken out.
 */
function storable<Value>(value: Value): Value {
  return withStorableTexts(value) as Value;
}

function withStorableTexts(value: unknown): unknown {
  if (typeof value === 'string') return redactKeys(value.toWellFormed().replaceAll('\0', '\uFFFD'));
  if (Array.isArray(value)) return value.map(withStorableTexts);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [storable(name), withStorableTexts(inner)]),
  );
}
