/** What is appended to the chain of an event, and after what. */
import {
  BODY_VERSION,
  bodyOf,
  type ChainHead,
  type ChainRow,
  chainHash,
  columnsOf,
  personalDigest,
} from '@hokusai/audit-chain';
import type { AuditEvent } from '@hokusai/contracts';
import { redactKeys } from '@hokusai/key-format';

export type { ChainHead, ChainRow, PersonalValue, QueryColumns } from '@hokusai/audit-chain';

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
  const body = bodyOf(content);
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
