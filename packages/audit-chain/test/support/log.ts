/** A log in memory: rows, checkpoints and exports of it, the same for the same arguments. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  BODY_VERSION,
  bodyOf,
  type ChainHead,
  type ChainRow,
  type Checkpoint,
  chainHash,
  checkpointJsonOf,
  columnsOf,
  EMPTY_CHAIN,
  type ExportRecord,
  eventRecordOf,
  type HeaderRecord,
  introduceSigner,
  personalDigest,
  type Signer,
  type SigningKey,
  signCheckpoint,
  signerRecordOf,
  signingKeyOf,
} from '../../src/index.ts';

export const LOG_ID = '9d0f1c2a-6a7b-4c3d-8e5f-0123456789ab';
export const SIGNED_AT = new Date('2025-01-15T12:00:10.000Z');

export const keyOf = (byte: number): SigningKey => signingKeyOf(new Uint8Array(32).fill(byte));
export const KEY = keyOf(1);
export const SIGNERS: Signer[] = [introduceSigner(KEY, { logId: LOG_ID, sinceChainSeq: 0, former: null })];

export interface RowChanges {
  reason?: string;
  clientIp?: string;
  eventNumber?: number;
}

/** The row after `head`. */
export function rowAfter(head: ChainHead, changes: RowChanges = {}): ChainRow {
  const chainSeq = head.chainSeq + 1;
  const { reason = 'as planned', clientIp = '192.0.2.1', eventNumber = chainSeq } = changes;
  const salt = createHash('sha256').update(`salt ${chainSeq}`).digest();
  const personal = [
    { name: 'client_ip', value: clientIp, salt },
    { name: 'user_agent', value: 'hokusai-cli/0.1.0 node/24', salt },
  ];
  const content = {
    version: BODY_VERSION,
    chain_seq: chainSeq,
    event_id: `00000000-0000-4000-8000-${eventNumber.toString(16).padStart(12, '0')}`,
    source: 'keys',
    origin: '/hokusai/keys/1',
    action: 'key.updated',
    outcome: 'success',
    stored_at: '2025-01-15T12:00:01.500Z',
    occurred_at: '2025-01-15T12:00:00.000Z',
    actor: {
      user_id: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
      key_id: '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10',
      key_prefix: 'hk_live_0123456789AB',
      via: 'gateway',
    },
    target: {
      type: 'key',
      id: '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10',
      owner_user_id: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
    },
    before: { name: 'notebook' },
    after: { name: 'night-run', scopes: ['mlflow:read'] },
    reason,
    count: 1,
    request_id: 'r-1',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    personal: Object.fromEntries(personal.map((one) => [one.name, personalDigest(one)])),
  };
  const body = bodyOf(content);
  const hash = chainHash(head.hash, body);
  const { event_id: eventId } = content;
  return { chainSeq, eventId, previousHash: head.hash, hash, body, columns: columnsOf(content), personal };
}

/** `count` rows after `head`. */
export function rowsAfter(head: ChainHead, count: number, changes: RowChanges = {}): ChainRow[] {
  const rows: ChainRow[] = [];
  for (let index = 0; index < count; index++) rows.push(rowAfter(rows.at(-1) ?? head, changes));
  return rows;
}

export const chainOf = (count: number) => rowsAfter(EMPTY_CHAIN, count);

/** Checkpoints of these rows. */
export function checkpointsOf(
  rows: readonly ChainRow[],
  chainSeqs: readonly number[],
  key: SigningKey = KEY,
): Checkpoint[] {
  return rows
    .filter(({ chainSeq }) => chainSeqs.includes(chainSeq))
    .map((head) => signCheckpoint(key, { logId: LOG_ID, head, signedAt: SIGNED_AT }));
}

export interface ExportParts {
  rows: readonly ChainRow[];
  checkpoints?: readonly Checkpoint[];
  signers?: readonly Signer[];
  header?: Partial<HeaderRecord>;
}

/** The records of an export, in their order. */
export function recordsOf({
  rows,
  checkpoints = [],
  signers = SIGNERS,
  header = {},
}: ExportParts): ExportRecord[] {
  const from = header.from_chain_seq ?? rows[0]?.chainSeq ?? 1;
  const at = Map.groupBy(checkpoints, ({ chainSeq }) => chainSeq);
  return [
    {
      type: 'header',
      version: 1,
      log_id: LOG_ID,
      from_chain_seq: from,
      to_chain_seq: rows.at(-1)?.chainSeq ?? from - 1,
      is_selection: false,
      previous_hash: Buffer.from(rows[0]?.previousHash ?? EMPTY_CHAIN.hash).toString('hex'),
      base: null,
      ...header,
    },
    ...signers.map(signerRecordOf),
    ...rows.flatMap((row) => [
      eventRecordOf(row),
      ...(at.get(row.chainSeq) ?? []).map((one) => ({
        type: 'checkpoint' as const,
        ...checkpointJsonOf(one),
      })),
    ]),
    { type: 'end', rows: rows.length },
  ];
}

export function linesOfRecords(records: readonly ExportRecord[]): AsyncIterable<string> {
  return Readable.from(records.map((record) => JSON.stringify(record)));
}
