/** Operations on the audit log. The audit service decides who sees what, and answers; this translates. */
import { HokusaiError, type ServiceClient, type services } from '@hokusai/contracts';
import { DEFAULT_PAGE_SIZE } from '@hokusai/contracts/fields';
import type { Exchange } from '../../exchange.ts';
import { callerOf, callOptions } from '../caller.ts';
import { type Operation, operation, recordsOperation } from '../operation.ts';
import {
  AUDIT,
  type AuditClient,
  serviceCalls,
  serviceStreams,
  type WitnessClient,
} from '../service-calls.ts';
import { untilEnd } from '../until-end.ts';
import { cursorOf, present } from '../values.ts';
import {
  auditReaderOf,
  checkpointJson,
  eventJson,
  filterMessage,
  hex,
  rangeMessage,
  recordJson,
  signerJson,
  verificationJson,
} from './messages.ts';
import { refuseWrong, wrongExport, wrongPeriod, wrongRows } from './rules.ts';
import {
  auditEvent,
  checkpointsQuery,
  checkpointsResponse,
  eventInPath,
  eventsQuery,
  eventsResponse,
  exportQuery,
  exportRecord,
  verifyBody,
  verifyResponse,
  witnessesQuery,
  witnessesResponse,
} from './schemas.ts';
import { collectWitnesses } from './witnesses.ts';

const PATH = '/api/v1/audit';
const DEFAULT_WITNESS_PAGE_SIZE = 1000;
/** Between two records: among millions of rows the next one may be looked for. */
const RECORD_TIMEOUT_MS = 60_000;
/** The chain of years takes its time to be recomputed: as long as the audit service gives it. */
const VERIFICATION_TIMEOUT_MS = 30 * 60_000;

type Call = ServiceClient<typeof services.audit>['call'];
type WitnessCall = ServiceClient<typeof services.auditWitness>['call'];

const reading = { tag: 'Audit', method: 'get', scope: 'audit:read' } as const;

export function auditOperations(audit: AuditClient, witnesses: WitnessClient): Operation[] {
  const call = serviceCalls(audit, AUDIT);
  const callKeys = serviceCalls(witnesses);
  return [
    listEvents(call),
    getEvent(call),
    exportEvents(serviceStreams(audit, AUDIT)),
    listCheckpoints(call),
    listWitnesses(callKeys),
    verify(call, callKeys),
  ];
}

function listEvents(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listAuditEvents', path: `${PATH}/events` },
    summary: 'List what was done, and by whom',
    description:
      'Newest first, in pages. Members see what they did and what was done to them and to their keys, admins all. `next_cursor` holds in both orders.',
    query: eventsQuery,
    alsoWrong: wrongPeriod,
    answer: { status: 200, schema: eventsResponse, description: 'A page of events.' },
    serve: async ({ exchange, query }) => {
      refuseWrong(wrongPeriod({ query, body: {} }));
      const { limit: pageSize = DEFAULT_PAGE_SIZE, oldest_first: oldestFirst = false } = query;
      const page = { pageSize, oldestFirst, cursor: cursorOf(query) };
      const message = { reader: auditReaderOf(exchange), filter: filterMessage(query), ...page };
      const { events, nextCursor } = await call('ListEvents', message, callOptions(exchange));
      return { data: events.map(eventJson), next_cursor: nextCursor || null };
    },
  });
}

function getEvent(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'getAuditEvent', path: `${PATH}/events/{id}` },
    summary: 'Show one event',
    pathParameters: eventInPath,
    answer: { status: 200, schema: auditEvent, description: 'The event.' },
    serve: async ({ exchange, path }) => {
      const message = { reader: auditReaderOf(exchange), eventId: path.id };
      const { event } = await call('GetEvent', message, callOptions(exchange));
      return eventJson(present(event, 'an event'));
    },
  });
}

function exportEvents(read: AuditClient['read']): Operation {
  return recordsOperation({
    ...{ ...reading, id: 'exportAuditEvents', path: `${PATH}/export` },
    summary: 'Export the log, or a part of it, with its proofs',
    description:
      'Oldest first, a line of JSON for each record, of any length. `hokusai audit verify --file` verifies it anywhere. An answer that breaks off has no record `end`, and its connection is cut.',
    query: exportQuery,
    alsoWrong: wrongExport,
    answer: { schema: exportRecord, description: 'The records, one a line (https://jsonlines.org).' },
    records: async function* ({ exchange, query }, signal) {
      refuseWrong(wrongExport({ query, body: {} }));
      const range = rangeMessage(query);
      const message = { reader: auditReaderOf(exchange), filter: filterMessage(query), ...range };
      const options = { ...callOptions(exchange), timeoutMs: RECORD_TIMEOUT_MS, signal };
      for await (const record of read('ExportEvents', message, options)) yield recordJson(record);
    },
  });
}

function listCheckpoints(call: Call): Operation {
  return operation({
    ...{ ...reading, id: 'listAuditCheckpoints', path: `${PATH}/checkpoints` },
    summary: 'List signed states of the log, and who signs',
    query: checkpointsQuery,
    answer: { status: 200, schema: checkpointsResponse, description: 'A page of checkpoints.' },
    serve: async ({ exchange, query }) => {
      const page = { pageSize: query.limit ?? DEFAULT_PAGE_SIZE, cursor: cursorOf(query) };
      const message = { reader: auditReaderOf(exchange), ...page };
      const answer = await call('ListCheckpoints', message, callOptions(exchange));
      return {
        data: answer.checkpoints.map(checkpointJson),
        signers: answer.signers.map(signerJson),
        next_cursor: answer.nextCursor || null,
      };
    },
  });
}

function listWitnesses(call: WitnessCall): Operation {
  return operation({
    ...{ ...reading, id: 'listAuditWitnesses', path: `${PATH}/witnesses` },
    summary: 'List what the keys service has kept of the log',
    description:
      "Hashes of rows, which the owner of the log's database can't rewrite: for whoever verifies the log. For admins.",
    query: witnessesQuery,
    answer: { status: 200, schema: witnessesResponse, description: 'A page of witnesses.' },
    serve: async ({ exchange, query }) => {
      const { limit: pageSize = DEFAULT_WITNESS_PAGE_SIZE } = query;
      const message = { caller: callerOf(exchange), afterChainSeq: rowOf(cursorOf(query)), pageSize };
      const { witnesses, hasMore } = await call('ListWitnesses', message, callOptions(exchange));
      const data = witnesses.map(({ chainSeq, hash }) => ({ chain_seq: Number(chainSeq), hash: hex(hash) }));
      const last = witnesses.at(-1)?.chainSeq ?? null;
      return { data, next_cursor: hasMore ? last : null };
    },
  });
}

function verify(call: Call, callKeys: WitnessCall): Operation {
  return operation({
    ...{ tag: 'Audit', method: 'post', scope: 'audit:read', id: 'verifyAuditLog', path: `${PATH}/verify` },
    summary: 'Recompute the log, and compare it with its proofs',
    description:
      'The server does it, with its checkpoints and with what the keys service has kept; for admins. It may take minutes. `hokusai audit verify` does the same on your own machine, and trusts the server less.',
    body: verifyBody,
    answer: { status: 200, schema: verifyResponse, description: 'Whether it is whole.' },
    serve: async ({ exchange, body }) => {
      refuseWrong(wrongRows(body));
      const { from_chain_seq: first = 1, to_chain_seq: last = Number.MAX_SAFE_INTEGER } = body;
      const options = { ...callOptions(exchange), signal: untilEnd(exchange) };
      const caller = callerOf(exchange);
      const { witnesses, known } = await collectWitnesses(
        (afterChainSeq, pageSize) => callKeys('ListWitnesses', { caller, afterChainSeq, pageSize }, options),
        { first, last },
      );
      const message = { reader: auditReaderOf(exchange), ...rangeMessage(body), witnesses };
      const answer = await unlessCutOff(
        exchange,
        call('VerifyChain', message, { ...options, timeoutMs: VERIFICATION_TIMEOUT_MS }),
      );
      return { ...verificationJson(answer), witnesses_known: known };
    },
  });
}

async function unlessCutOff<Answer>(exchange: Exchange, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw exchange.cutOffBy ?? error;
  }
}

/** The cursor of a page of witnesses: the last row of the one before. */
function rowOf(cursor: string): string {
  if (/^\d{0,15}$/.test(cursor)) return cursor || '0';
  const message = 'The cursor is not one that this list has answered: start again without it.';
  throw new HokusaiError('invalid_request', message, { reason: 'invalid_cursor' });
}
