/** gRPC methods of the audit service. */
import {
  type ErrorObserver,
  HokusaiError,
  isUuid,
  requireAdmin,
  streamHandler,
  unaryHandler,
  unprocessable,
} from '@hokusai/contracts';
import type { ConfirmStoredRequest__Output } from '@hokusai/contracts/gen/audit/v1/ConfirmStoredRequest';
import type { ConfirmStoredResponse } from '@hokusai/contracts/gen/audit/v1/ConfirmStoredResponse';
import type { ExportEventsRequest__Output } from '@hokusai/contracts/gen/audit/v1/ExportEventsRequest';
import type { GetEventRequest__Output } from '@hokusai/contracts/gen/audit/v1/GetEventRequest';
import type { GetEventResponse } from '@hokusai/contracts/gen/audit/v1/GetEventResponse';
import type { ListCheckpointsRequest__Output } from '@hokusai/contracts/gen/audit/v1/ListCheckpointsRequest';
import type { ListCheckpointsResponse } from '@hokusai/contracts/gen/audit/v1/ListCheckpointsResponse';
import type { ListEventsRequest__Output } from '@hokusai/contracts/gen/audit/v1/ListEventsRequest';
import type { ListEventsResponse } from '@hokusai/contracts/gen/audit/v1/ListEventsResponse';
import type { VerifyChainRequest__Output } from '@hokusai/contracts/gen/audit/v1/VerifyChainRequest';
import type { VerifyChainResponse } from '@hokusai/contracts/gen/audit/v1/VerifyChainResponse';
import { asUnavailable } from '@hokusai/service-kit';
import { checkPageSize, checkQuery, cursorOf, parseCursor } from '../domain/access.ts';
import type {
  AuditReader,
  EventPage,
  PageRequest,
  Verification,
  VerificationRequest,
} from '../domain/ports.ts';
import type { AuditReads } from '../domain/reads.ts';
import { isShownTo, shownOf } from '../domain/shown.ts';
import { exportEvents } from './export-events.ts';
import { toCheckpointMessage, toFilter, toMessage, toReader, toSignerMessage } from './messages.ts';
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
/** Some 2 MB: a message may have 4. */
const MAX_WITNESSES = 50_000;

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
    ExportEvents: streamHandler(
      (call: ExportEventsRequest__Output, signal, caller) =>
        exportEvents(call, { store, reads }, signal, caller),
      observe,
    ),
    ListCheckpoints: unaryHandler(
      (call: ListCheckpointsRequest__Output, _signal, caller) =>
        reads.during(readOf('checkpoints', call, caller), () => listCheckpoints(call, store)),
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
  const shown = found.rows.map(shownOf).filter((row) => isShownTo(reader, row));
  return {
    events: shown.map((row) => toMessage(row, reader)),
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
  const found = await store.find(reader, call.eventId).catch(asUnavailable('audit'));
  const row = found && shownOf(found);
  if (!row || !isShownTo(reader, row))
    throw new HokusaiError('not_found', `There is no audit event ${call.eventId}, or it is not yours.`, {
      reason: 'event_not_found',
    });
  return { event: toMessage(row, reader) };
}

async function listCheckpoints(
  call: ListCheckpointsRequest__Output,
  store: AuditReader,
): Promise<ListCheckpointsResponse> {
  toReader(call.reader);
  const page = { cursor: parseCursor(call.cursor), size: checkPageSize(call.pageSize) };
  const { checkpoints, hasMore, signers } = await store.checkpoints(page).catch(asUnavailable('audit'));
  const last = checkpoints.at(-1);
  return {
    checkpoints: checkpoints.map(toCheckpointMessage),
    signers: signers.map(toSignerMessage),
    nextCursor: hasMore && last ? cursorOf(last.chainSeq) : '',
  };
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
    lastTrustedCheckpointChainSeq: result.lastTrustedCheckpoint ?? 0,
    rowsBound: result.rowsBound,
    erasedValues: result.erasedValues,
    unproven: result.unproven,
  };
}

function checkVerification({ from, to, witnesses }: VerificationRequest): void {
  if (from !== null && to !== null && from > to)
    throw unprocessable([{ path: 'to_chain_seq', message: 'expected a row that is not before the first' }]);
  if (witnesses.length > MAX_WITNESSES)
    throw unprocessable([{ path: 'witnesses', message: `expected at most ${MAX_WITNESSES}` }]);
}
