/** gRPC methods of the audit service. */
import {
  type ErrorObserver,
  fromTimestamp,
  HokusaiError,
  isUuid,
  type Reader,
  readerOf,
  requireAdmin,
  toTimestamp,
  unaryHandler,
  unprocessable,
} from '@hokusai/contracts';
import type { AuditEvent } from '@hokusai/contracts/gen/audit/v1/AuditEvent';
import type { ConfirmStoredRequest__Output } from '@hokusai/contracts/gen/audit/v1/ConfirmStoredRequest';
import type { ConfirmStoredResponse } from '@hokusai/contracts/gen/audit/v1/ConfirmStoredResponse';
import type { EventFilter__Output } from '@hokusai/contracts/gen/audit/v1/EventFilter';
import type { GetEventRequest__Output } from '@hokusai/contracts/gen/audit/v1/GetEventRequest';
import type { GetEventResponse } from '@hokusai/contracts/gen/audit/v1/GetEventResponse';
import type { ListEventsRequest__Output } from '@hokusai/contracts/gen/audit/v1/ListEventsRequest';
import type { ListEventsResponse } from '@hokusai/contracts/gen/audit/v1/ListEventsResponse';
import type { Reader__Output } from '@hokusai/contracts/gen/audit/v1/Reader';
import type { VerifyChainRequest__Output } from '@hokusai/contracts/gen/audit/v1/VerifyChainRequest';
import type { VerifyChainResponse } from '@hokusai/contracts/gen/audit/v1/VerifyChainResponse';
import { asUnavailable } from '@hokusai/service-kit';
import {
  checkQuery,
  cursorOf,
  type EventFilter,
  maySeePersonalValues,
  parseCursor,
} from '../domain/access.ts';
import type { ChainRow } from '../domain/chain.ts';
import type {
  AuditReader,
  EventPage,
  PageRequest,
  Verification,
  VerificationRequest,
} from '../domain/ports.ts';
import type { AuditReads } from '../domain/reads.ts';
import { readOf } from './read-of.ts';

export interface AuditHandlersOptions {
  store: AuditReader;
  verification: Verification;
  /** Tells the log who reads it. */
  reads: AuditReads;
  /** Told of each failed call. */
  observe: ErrorObserver;
}

const MAX_CONFIRMATIONS = 1000;
const MAX_WITNESSES = 100_000;

/** Methods that are not here are answered with UNIMPLEMENTED. */
export function auditHandlers({ store, verification, reads, observe }: AuditHandlersOptions) {
  return {
    ConfirmStored: unaryHandler((call: ConfirmStoredRequest__Output) => confirmStored(call, store), observe),
    ListEvents: unaryHandler(
      (call: ListEventsRequest__Output, _signal, caller) =>
        reads.during(readOf('list', call, caller), () => listEvents(call, store)),
      observe,
    ),
    GetEvent: unaryHandler(
      (call: GetEventRequest__Output, _signal, caller) =>
        reads.during(readOf('show', call, caller), () => getEvent(call, store)),
      observe,
    ),
    VerifyChain: unaryHandler(
      (call: VerifyChainRequest__Output, signal, caller) =>
        reads.during(readOf('verify', call, caller), () => verifyChain(call, verification, signal)),
      observe,
    ),
  };
}

async function confirmStored(
  { eventIds }: ConfirmStoredRequest__Output,
  store: AuditReader,
): Promise<ConfirmStoredResponse> {
  const wrong = eventIds.findIndex((id) => !isUuid(id));
  if (wrong !== -1) throw unprocessable([{ path: `event_ids[${wrong}]`, message: 'expected a uuid' }]);
  if (eventIds.length > MAX_CONFIRMATIONS)
    throw unprocessable([{ path: 'event_ids', message: `expected at most ${MAX_CONFIRMATIONS}` }]);
  const stored = await store.stored(eventIds).catch(asUnavailable('audit'));
  return { stored: stored.map(({ hash, ...event }) => ({ ...event, hash: Buffer.from(hash) })) };
}

async function listEvents(call: ListEventsRequest__Output, store: AuditReader): Promise<ListEventsResponse> {
  const reader = toReader(call.reader);
  const filter = toFilter(call.filter);
  const { oldestFirst } = call;
  const page = { cursor: parseCursor(call.cursor), size: checkQuery(filter, call.pageSize), oldestFirst };
  const found = await store.list(reader, filter, page).catch(asUnavailable('audit'));
  return {
    events: found.rows.map((row) => toMessage(row, reader)),
    nextCursor: nextCursorOf(found, page),
  };
}

/** Oldest first, one can go on where the log ends, too: what is appended later comes after it. */
function nextCursorOf({ rows, hasMore, head }: EventPage, { oldestFirst, cursor }: PageRequest): string {
  const last = rows.at(-1)?.chainSeq ?? 0;
  if (hasMore) return cursorOf(last);
  if (!oldestFirst) return '';
  const seen = Math.max(head, last, cursor ?? 0);
  return seen === 0 ? '' : cursorOf(seen);
}

async function getEvent(call: GetEventRequest__Output, store: AuditReader): Promise<GetEventResponse> {
  const reader = toReader(call.reader);
  if (!isUuid(call.eventId)) throw unprocessable([{ path: 'event_id', message: 'expected a uuid' }]);
  const row = await store.find(reader, call.eventId).catch(asUnavailable('audit'));
  if (!row)
    throw new HokusaiError('not_found', `There is no audit event ${call.eventId}, or it is not yours.`);
  return { event: toMessage(row, reader) };
}

async function verifyChain(
  call: VerifyChainRequest__Output,
  verification: Verification,
  signal: AbortSignal,
): Promise<VerifyChainResponse> {
  requireAdmin(toReader(call.reader), 'verify the audit log');
  const request = {
    from: Number(call.fromChainSeq) || null,
    to: Number(call.toChainSeq) || null,
    witnesses: call.witnesses.map(({ chainSeq, hash }) => ({ chainSeq: Number(chainSeq), hash })),
  };
  checkVerification(request);
  const { fault, ...result } = await verification.verify(request, signal).catch(asUnavailable('audit'));
  return {
    intact: !fault,
    rowsVerified: result.rowsVerified,
    firstBadChainSeq: fault?.chainSeq ?? 0,
    problem: fault?.problem ?? '',
    proof: fault?.proof ?? '',
    checkpointsVerified: result.checkpointsVerified,
    witnessesVerified: result.witnessesVerified,
    lastCheckpointChainSeq: result.lastCheckpoint ?? 0,
  };
}

function checkVerification({ from, to, witnesses }: VerificationRequest): void {
  if (from !== null && to !== null && from > to)
    throw unprocessable([{ path: 'to_chain_seq', message: 'expected a row that is not before the first' }]);
  if (witnesses.length > MAX_WITNESSES)
    throw unprocessable([{ path: 'witnesses', message: `expected at most ${MAX_WITNESSES}` }]);
}

function toReader(reader: Reader__Output | null): Reader {
  return readerOf(reader?.actingUserId, reader?.isAdmin);
}

function toFilter(filter: EventFilter__Output | null): EventFilter {
  return {
    actorUserId: filter?.actorUserId || null,
    keyId: filter?.keyId || null,
    targetId: spelledAsStored(filter?.targetId ?? '') || null,
    action: filter?.action || null,
    outcome: filter?.outcome || null,
    clientIp: filter?.clientIp || null,
    requestId: filter?.requestId || null,
    from: fromTimestamp(filter?.from),
    to: fromTimestamp(filter?.to),
  };
}

/** Ids of keys and users are stored in lower case. */
function spelledAsStored(id: string): string {
  return isUuid(id) ? id.toLowerCase() : id;
}

function toMessage({ columns, personal, ...row }: ChainRow, reader: Reader): AuditEvent {
  const visible = maySeePersonalValues(reader, columns.actor_user_id) ? personal : [];
  return {
    eventId: row.eventId,
    chainSeq: row.chainSeq,
    hash: Buffer.from(row.hash),
    previousHash: Buffer.from(row.previousHash),
    occurredAt: toTimestamp(new Date(columns.occurred_at)),
    storedAt: toTimestamp(new Date(columns.stored_at)),
    source: columns.source,
    action: columns.action,
    outcome: columns.outcome,
    actorUserId: columns.actor_user_id ?? '',
    actorKeyId: columns.actor_key_id ?? '',
    targetType: columns.target_type ?? '',
    targetId: columns.target_id ?? '',
    requestId: columns.request_id ?? '',
    traceId: columns.trace_id ?? '',
    body: row.body,
    personalValues: visible.map(({ salt, ...value }) => ({ ...value, salt: Buffer.from(salt) })),
  };
}
