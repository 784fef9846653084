/**
 * An export of the log as JSON Lines: what kinds of records it has, and their form. Hashes and salts are lower-case
 * hexadecimal, public keys and signatures base64url, times ISO 8601 in UTC with milliseconds.
 *
 *     header, signer …, (event, checkpoint?) …, end
 */
import { z } from 'zod';
import type { ProvenRow } from '../chain.ts';
import type { VerifiableRow } from '../chain-verifier.ts';
import type { Checkpoint, Signer } from '../checkpoint.ts';

export const EXPORT_VERSION = 1;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const publicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);
const signerId = z.string().regex(/^[0-9a-f]{16}$/);
const chainSeq = z.int().min(0);
const time = z.iso.datetime({ precision: 3 });

const checkpointFields = {
  log_id: z.uuid(),
  chain_seq: chainSeq,
  hash,
  signed_at: time,
  signer_id: signerId,
  signature,
};

export const checkpointJsonSchema = z.object(checkpointFields);
export type CheckpointJson = z.infer<typeof checkpointJsonSchema>;

export const headerRecordSchema = z.object({
  type: z.literal('header'),
  version: z.literal(EXPORT_VERSION),
  log_id: z.uuid(),
  /** The first row that was asked for. */
  from_chain_seq: z.int().min(1),
  /** The last one; `from_chain_seq - 1` if there is none. */
  to_chain_seq: chainSeq,
  /** Only some of the rows in between are in it; a proof stands for those that lead to it without a gap. */
  is_selection: z.boolean(),
  /** Hash of the row before the first one; zeros if that is the log's first. */
  previous_hash: hash,
  /** What stands for the rows before the first that is kept; null while all are. */
  base: checkpointJsonSchema.nullable(),
});

export const signerRecordSchema = z.object({
  type: z.literal('signer'),
  signer_id: signerId,
  public_key: publicKey,
  since_chain_seq: chainSeq,
  endorsed_by: signerId.nullable(),
  endorsement: signature.nullable(),
});

/** `hash` of what there are millions of: that it is hexadecimal shows when it is read. */
const hashOfMany = z.string().length(64);

const personalValue = z.object({ name: z.string(), value: z.string(), salt: hashOfMany });

export const eventRecordSchema = z.object({
  type: z.literal('event'),
  chain_seq: z.int().min(1),
  event_id: z.string(),
  previous_hash: hashOfMany,
  hash: hashOfMany,
  body: z.string(),
  /** Left away where there are none, they are erased, or whoever made the export may not see them. */
  personal: z.array(personalValue).optional(),
  /** Columns of the database that differed from the body when it was exported. Left away where none did. */
  altered_columns: z.array(z.string()).optional(),
});

const checkpointRecordSchema = z.object({ type: z.literal('checkpoint'), ...checkpointFields });

const endRecordSchema = z.object({
  type: z.literal('end'),
  /** How many events it has. */
  rows: z.int().min(0),
});

export const exportRecordSchema = z.discriminatedUnion('type', [
  eventRecordSchema,
  checkpointRecordSchema,
  signerRecordSchema,
  headerRecordSchema,
  endRecordSchema,
]);
export type ExportRecord = z.infer<typeof exportRecordSchema>;
export type HeaderRecord = z.infer<typeof headerRecordSchema>;
export type SignerRecord = z.infer<typeof signerRecordSchema>;
export type EventRecord = z.infer<typeof eventRecordSchema>;
export type CheckpointRecord = z.infer<typeof checkpointRecordSchema>;

export function rowOfRecord(record: EventRecord): VerifiableRow {
  return {
    chainSeq: record.chain_seq,
    eventId: record.event_id,
    previousHash: Buffer.from(record.previous_hash, 'hex'),
    hash: Buffer.from(record.hash, 'hex'),
    body: record.body,
    personal: record.personal?.map((one) => ({ ...one, salt: Buffer.from(one.salt, 'hex') })) ?? [],
    alteredColumns: record.altered_columns,
  };
}

export function eventRecordOf(row: ProvenRow): EventRecord {
  const personal = row.personal.map((one) => ({ ...one, salt: Buffer.from(one.salt).toString('hex') }));
  return {
    type: 'event',
    chain_seq: row.chainSeq,
    event_id: row.eventId,
    previous_hash: Buffer.from(row.previousHash).toString('hex'),
    hash: Buffer.from(row.hash).toString('hex'),
    body: row.body,
    ...(personal.length > 0 ? { personal } : {}),
  };
}

export function checkpointOfJson(json: CheckpointJson): Checkpoint {
  return {
    logId: json.log_id,
    chainSeq: json.chain_seq,
    hash: Buffer.from(json.hash, 'hex'),
    signedAt: new Date(json.signed_at),
    signerId: json.signer_id,
    signature: Buffer.from(json.signature, 'base64url'),
  };
}

export function checkpointJsonOf(checkpoint: Checkpoint): CheckpointJson {
  return {
    log_id: checkpoint.logId,
    chain_seq: checkpoint.chainSeq,
    hash: Buffer.from(checkpoint.hash).toString('hex'),
    signed_at: checkpoint.signedAt.toISOString(),
    signer_id: checkpoint.signerId,
    signature: Buffer.from(checkpoint.signature).toString('base64url'),
  };
}

export function signerOfRecord(record: SignerRecord): Signer {
  const { endorsed_by: signerId, endorsement: signature } = record;
  return {
    signerId: record.signer_id,
    publicKey: Buffer.from(record.public_key, 'base64url'),
    sinceChainSeq: record.since_chain_seq,
    endorsement: signerId && signature ? { signerId, signature: Buffer.from(signature, 'base64url') } : null,
  };
}

export function signerRecordOf({ endorsement, ...signer }: Signer): SignerRecord {
  return {
    type: 'signer',
    signer_id: signer.signerId,
    public_key: Buffer.from(signer.publicKey).toString('base64url'),
    since_chain_seq: signer.sinceChainSeq,
    endorsed_by: endorsement?.signerId ?? null,
    endorsement: endorsement && Buffer.from(endorsement.signature).toString('base64url'),
  };
}
