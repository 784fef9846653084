/** What is appended to the chain of an event, and after what. */
import {
  BODY_VERSION,
  type BodyContent,
  type ChainHead,
  type ChainRow,
  canonicalJson,
  chainHash,
  columnsOf,
  type PersonalValue,
  personalDigest,
  type QueryColumns,
} from '@hokusai/audit-chain';
import type { AuditEvent } from '@hokusai/contracts';
import { redactKeys } from '@hokusai/key-format';

/** An event as it came, with what only its delivery tells. */
export interface IncomingEvent {
  /** uuid */
  eventId: string;
  /** The service that the broker let publish it. */
  source: string;
  /** CloudEvents `source`: which instance. */
  origin: string;
  event: AuditEvent;
  /** All its texts, and its time, are known to be as the log keeps them: they need not be looked through. */
  isStorable?: boolean;
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

type PreparedContent = Omit<AuditEvent, 'personal'> &
  Omit<BodyContent, 'chain_seq' | 'stored_at'> & { origin: string; version: number };

/** Does whatever needs no lock: it is most of the work. */
export function prepareEvent(
  { eventId, source, origin, event: asItCame, isStorable: isKnownStorable = false }: IncomingEvent,
  randomBytes: (size: number) => Uint8Array,
): PreparedEvent {
  const event = isKnownStorable ? asItCame : storable(asItCame);
  const personal: PersonalValue[] = [];
  const digests: Record<string, string> = {};
  for (const [name, value] of Object.entries(event.personal)) {
    if (value === undefined) continue;
    const one = { name, value, salt: randomBytes(SALT_BYTES) };
    personal.push(one);
    digests[name] = personalDigest(one);
  }
  const content: PreparedContent = {
    ...event,
    version: BODY_VERSION,
    event_id: eventId,
    source,
    origin: isKnownStorable ? origin : storable(origin),
    occurred_at: isKnownStorable ? event.occurred_at : new Date(event.occurred_at).toISOString(),
    personal: digests,
  };
  const { stored_at: _, ...columns } = columnsOf({ ...content, chain_seq: 0, stored_at: '' });
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

/** In canonical order: what comes before `chain_seq`, between it and `stored_at`, and after. */
const MEMBERS = [
  ['action', 'actor', 'after', 'before'],
  ['count', 'event_id', 'occurred_at', 'origin', 'outcome', 'personal', 'reason', 'request_id', 'source'],
  ['target', 'trace_id', 'version'],
] as const satisfies (keyof PreparedContent)[][];

/** Has a member that is not among them refused by the compiler. */
type Complete = Record<Exclude<keyof PreparedContent, (typeof MEMBERS)[number][number]>, never>;

function membersOf(content: PreparedContent & Complete): PreparedEvent['members'] {
  const [before, between, after] = MEMBERS;
  return [membersText(content, before), membersText(content, between), membersText(content, after)];
}

/** In one piece, which joining makes it: of what is added up, V8 would keep each of a hundred parts. */
function membersText(content: PreparedContent, names: readonly (keyof PreparedContent)[]): string {
  return names.map((name) => `"${name}":${canonicalJson(content[name])}`).join();
}

/**
 * Postgres refuses NUL, canonical JSON broken surrogates: an event that holds one is stored without. A key
 * must not be in an event; should one be, its prefix stays, since what the log holds can't be taken out.
 */
function storable<Value>(value: Value): Value {
  return isStorable(value) ? value : (withStorableTexts(value) as Value);
}

/** True of nearly all: then there is nothing to be copied. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return storableText(value) === value;
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isStorable);
  for (const name of Object.keys(value))
    if (storableText(name) !== name || !isStorable((value as Record<string, unknown>)[name])) return false;
  return true;
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
