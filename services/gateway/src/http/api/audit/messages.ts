/** The audit service's messages as JSON, and the other way round. */
import type { AuditEvent__Output } from '@hokusai/contracts/gen/audit/v1/AuditEvent';
import type { Checkpoint__Output } from '@hokusai/contracts/gen/audit/v1/Checkpoint';
import type { EventFilter } from '@hokusai/contracts/gen/audit/v1/EventFilter';
import type { ExportEventsResponse__Output } from '@hokusai/contracts/gen/audit/v1/ExportEventsResponse';
import type { Reader } from '@hokusai/contracts/gen/audit/v1/Reader';
import type { Signer__Output } from '@hokusai/contracts/gen/audit/v1/Signer';
import type { VerifyChainResponse__Output } from '@hokusai/contracts/gen/audit/v1/VerifyChainResponse';
import type { Exchange } from '../../exchange.ts';
import { readerOf, userAgentOf } from '../caller.ts';
import { knownInstantOf, timestampOf } from '../values.ts';
import { contentOf } from './content.ts';
import type {
  AuditEventJson,
  AuditFilterQuery,
  CheckpointJson,
  ExportRecordJson,
  RowRange,
  SignerJson,
} from './schemas.ts';

export function auditReaderOf(exchange: Exchange): Reader {
  return {
    ...readerOf(exchange),
    clientIp: exchange.client.clientIp,
    userAgent: userAgentOf(exchange),
  };
}

export function filterMessage(query: AuditFilterQuery): EventFilter {
  return {
    actorUserId: query.user_id ?? '',
    keyId: query.key_id ?? '',
    targetId: query.target_id ?? '',
    action: query.action ?? '',
    outcome: query.outcome ?? '',
    clientIp: query.client_ip ?? '',
    requestId: query.request_id ?? '',
    from: timestampOf(query.from),
    to: timestampOf(query.to),
  };
}

/** 0: as far as there are rows. */
export function rangeMessage(rows: RowRange): { fromChainSeq: number; toChainSeq: number } {
  return { fromChainSeq: rows.from_chain_seq ?? 0, toChainSeq: rows.to_chain_seq ?? 0 };
}

export function eventJson(event: AuditEvent__Output): AuditEventJson {
  const { actor, target, ...content } = contentOf(event.body);
  return {
    id: event.eventId,
    chain_seq: Number(event.chainSeq),
    hash: hex(event.hash),
    previous_hash: hex(event.previousHash),
    occurred_at: knownInstantOf(event.occurredAt),
    stored_at: knownInstantOf(event.storedAt),
    source: event.source,
    action: event.action,
    outcome: event.outcome,
    actor: { ...actor, user_id: event.actorUserId || null, key_id: event.actorKeyId || null },
    target: event.targetId === '' ? null : { ...target, type: event.targetType, id: event.targetId },
    ...content,
    request_id: event.requestId || null,
    trace_id: event.traceId || null,
    personal: Object.fromEntries(event.personalValues.map(({ name, value }) => [name, value])),
    ...alteredJson(event),
  };
}

export function checkpointJson(checkpoint: Checkpoint__Output): CheckpointJson {
  return {
    log_id: checkpoint.logId,
    chain_seq: Number(checkpoint.chainSeq),
    hash: hex(checkpoint.hash),
    signed_at: knownInstantOf(checkpoint.signedAt),
    signer_id: checkpoint.signerId,
    signature: base64url(checkpoint.signature),
  };
}

export function signerJson(signer: Signer__Output): SignerJson {
  return {
    signer_id: signer.signerId,
    public_key: base64url(signer.publicKey),
    since_chain_seq: Number(signer.sinceChainSeq),
    endorsed_by: signer.endorsedBy || null,
    endorsement: signer.endorsement.length === 0 ? null : base64url(signer.endorsement),
  };
}

/** A record of an export. Throws for one of a kind that is not known here. */
export function recordJson(message: ExportEventsResponse__Output): ExportRecordJson {
  const { header, signer, event, checkpoint, end } = message;
  if (event) return eventRecordJson(event);
  if (checkpoint) return { type: 'checkpoint', ...checkpointJson(checkpoint) };
  if (signer) return { type: 'signer', ...signerJson(signer) };
  if (end) return { type: 'end', rows: Number(end.rows) };
  if (!header) throw new Error('the audit service exports a record that is not known here');
  return {
    type: 'header',
    version: 1,
    log_id: header.logId,
    from_chain_seq: Number(header.fromChainSeq),
    to_chain_seq: Number(header.toChainSeq),
    is_selection: header.isSelection,
    previous_hash: hex(header.previousHash),
    base: header.base && checkpointJson(header.base),
  };
}

function eventRecordJson(event: AuditEvent__Output): ExportRecordJson {
  const personal = event.personalValues.map(({ name, value, salt }) => ({ name, value, salt: hex(salt) }));
  return {
    type: 'event',
    chain_seq: Number(event.chainSeq),
    event_id: event.eventId,
    previous_hash: hex(event.previousHash),
    hash: hex(event.hash),
    body: event.body,
    ...(personal.length > 0 && { personal }),
    ...alteredJson(event),
  };
}

function alteredJson({ alteredColumns }: AuditEvent__Output): { altered_columns?: string[] } {
  return alteredColumns.length > 0 ? { altered_columns: alteredColumns } : {};
}

export function verificationJson(answer: VerifyChainResponse__Output) {
  return {
    intact: answer.intact,
    rows_verified: Number(answer.rowsVerified),
    first_bad_chain_seq: answer.intact ? null : Number(answer.firstBadChainSeq),
    problem: answer.problem || null,
    proof: answer.proof || null,
    checkpoints_verified: Number(answer.checkpointsVerified),
    last_checkpoint_chain_seq: Number(answer.lastCheckpointChainSeq) || null,
    last_trusted_checkpoint_chain_seq: Number(answer.lastTrustedCheckpointChainSeq) || null,
    rows_bound: Number(answer.rowsBound),
    erased_values: Number(answer.erasedValues),
    unproven: answer.unproven.map(({ code, message }) => ({ code, message })),
    witnesses_verified: Number(answer.witnessesVerified),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');
}
