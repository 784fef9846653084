/** What is appended to the chain of an event, and after what. */
import {
  BODY_VERSION,
  type BodyContent,
  bodyOf,
  type ChainHead,
  type ChainRow,
  chainHash,
  columnsOf,
  type PersonalValue,
  personalDigest,
  type QueryColumns,
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

/** An event ready to be appended: what is left to be said is its number, and when it was stored. */
export interface PreparedEvent {
  eventId: string;
  /** Canonical JSON of the body's members that come before `chain_seq`, between it and `stored_at`, and after. */
  members: readonly [before: string, between: string, after: string];
  columns: Omit<QueryColumns, 'stored_at'>;
  personal: PersonalValue[];
}

/** Does whatever needs no lock: it is most of the work. */
export function prepareEvent(
  { eventId, source, origin, event: asItCame }: IncomingEvent,
  randomBytes: (size: number) => Uint8Array,
): PreparedEvent {
  const event = storable(asItCame);
  const personal = Object.entries(event.personal)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => ({ name, value, salt: randomBytes(SALT_BYTES) }));
  const content = {
    ...event,
    version: BODY_VERSION,
    chain_seq: 0,
    event_id: eventId,
    source,
    origin: storable(origin),
    occurred_at: new Date(event.occurred_at).toISOString(),
    stored_at: '',
    personal: Object.fromEntries(personal.map((one) => [one.name, personalDigest(one)])),
  };
  const { stored_at: _, ...columns } = columnsOf(content);
  return { eventId, members: membersOf(content), columns, personal };
}

/** The rows that follow `head` for these events, in their order. */
export function appendToChain(head: ChainHead, events: readonly PreparedEvent[], storedAt: Date): ChainRow[] {
  const stored_at = storedAt.toISOString();
  const rows: ChainRow[] = [];
  let last = head;
  for (const { eventId, members, columns, personal } of events) {
    const chainSeq = last.chainSeq + 1;
    const [before, between, after] = members;
    const own = [`"chain_seq":${chainSeq}`, `"stored_at":"${stored_at}"`] as const;
    const body = `{${[before, own[0], between, own[1], after].filter((part) => part !== '').join()}}`;
    const row = {
      ...{ chainSeq, eventId, previousHash: last.hash, hash: chainHash(last.hash, body), body, personal },
      columns: { ...columns, stored_at },
    };
    rows.push(row);
    last = row;
  }
  return rows;
}

/** Of canonical JSON, whose members are sorted by their names' UTF-16 code units: as JavaScript compares. */
function membersOf(content: BodyContent): PreparedEvent['members'] {
  const entries = Object.entries(content);
  const canonical = (isIn: (name: string) => boolean) =>
    bodyOf(Object.fromEntries(entries.filter(([name]) => isIn(name)))).slice(1, -1);
  return [
    canonical((name) => name < 'chain_seq'),
    canonical((name) => name > 'chain_seq' && name < 'stored_at'),
    canonical((name) => name > 'stored_at'),
  ];
}

/**
 * Postgres refuses NUL, canonical JSON broken surrogates: an event that holds one is stored without. A key
 * must not be in an event; should one be, its prefix stays, since what the log holds can't be taken out.
 */
function storable<Value>(value: Value): Value {
  return withStorableTexts(value) as Value;
}

function withStorableTexts(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(withStorableTexts);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [storableText(name), withStorableTexts(inner)]),
  );
}

function storableText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return redactKeys(wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\uFFFD') : wellFormed);
}
