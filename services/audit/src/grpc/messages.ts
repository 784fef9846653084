/** What the service knows as its messages say it, and the other way round. */
import type { Checkpoint, Signer } from '@hokusai/audit-chain';
import { fromTimestamp, isUuid, type Reader, readerOf, toTimestamp } from '@hokusai/contracts';
import type { AuditEvent } from '@hokusai/contracts/gen/audit/v1/AuditEvent';
import type { Checkpoint as CheckpointMessage } from '@hokusai/contracts/gen/audit/v1/Checkpoint';
import type { EventFilter__Output } from '@hokusai/contracts/gen/audit/v1/EventFilter';
import type { Reader__Output } from '@hokusai/contracts/gen/audit/v1/Reader';
import type { Signer as SignerMessage } from '@hokusai/contracts/gen/audit/v1/Signer';
import { type EventFilter, maySeePersonalValues } from '../domain/access.ts';
import type { ShownRow } from '../domain/shown.ts';

export function toReader(reader: Reader__Output | null): Reader {
  return readerOf(reader?.actingUserId, reader?.isAdmin);
}

export function toFilter(filter: EventFilter__Output | null): EventFilter {
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

export function toMessage({ columns, personal, ...row }: ShownRow, reader: Reader): AuditEvent {
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
    alteredColumns: row.alteredColumns,
  };
}

export function toCheckpointMessage(checkpoint: Checkpoint): CheckpointMessage {
  const { hash, signedAt, signature, ...rest } = checkpoint;
  return {
    ...rest,
    hash: Buffer.from(hash),
    signedAt: toTimestamp(signedAt),
    signature: Buffer.from(signature),
  };
}

export function toSignerMessage({ endorsement, publicKey, ...signer }: Signer): SignerMessage {
  return {
    ...signer,
    publicKey: Buffer.from(publicKey),
    endorsedBy: endorsement?.signerId ?? '',
    endorsement: Buffer.from(endorsement?.signature ?? []),
  };
}
