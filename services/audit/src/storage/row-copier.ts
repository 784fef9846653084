/** Stores rows of the chain by COPY in its binary form: Postgres has no JSON, numbers, times and ids to parse. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChainRow } from '@hokusai/audit-chain';
import { COPY_HEADER, COPY_TRAILER, type PoolClient, RowWriter } from '@hokusai/service-kit';
import { from as copyFrom } from 'pg-copy-streams';

export interface RowCopier {
  /** The rows and their personal values, on a connection inside a transaction. */
  copy(client: PoolClient, rows: readonly ChainRow[]): Promise<void>;
}

const EVENT_COLUMNS = [
  ...['chain_seq', 'event_id', 'previous_hash', 'hash', 'body', 'stored_at', 'occurred_at', 'source'],
  ...['action', 'outcome', 'actor_user_id', 'actor_key_id', 'target_type', 'target_id', 'target_owner_id'],
  ...['request_id', 'trace_id'],
];
const PERSONAL_COLUMNS = ['chain_seq', 'name', 'value', 'salt'];
/** More than anything but body and value takes, at three bytes for each character. */
const MAX_REST_BYTES = 4096;
const MAX_CHARACTER_BYTES = 3;

/** A copier with memory of its own; what is copied does not overlap in time. */
export function createRowCopier(): RowCopier {
  const writer = new RowWriter();
  const encoded = <Row>(rows: readonly Row[], write: (row: Row) => void) => {
    writer.restart();
    for (const row of rows) write(row);
    return writer.copy();
  };
  return {
    copy: async (client, rows) => {
      // One time for all of a batch.
      const storedAtMs = Date.parse(rows[0]?.columns.stored_at ?? '');
      const events = encoded(rows, (row) => writeEvent(writer, row, storedAtMs));
      const personal = encoded(rows, (row) => writePersonal(writer, row));
      await copyInto(client, 'audit_events', EVENT_COLUMNS, events);
      if (personal.length > 0) await copyInto(client, 'personal_values', PERSONAL_COLUMNS, personal);
    },
  };
}

async function copyInto(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  rows: Buffer,
): Promise<void> {
  const stream = copyFrom(`copy ${table} (${columns.join(', ')}) from stdin (format binary)`);
  await pipeline(Readable.from([COPY_HEADER, rows, COPY_TRAILER]), client.query(stream));
}

function writeEvent(
  writer: RowWriter,
  { chainSeq, eventId, previousHash, hash, body, columns }: ChainRow,
  storedAtMs: number,
): void {
  writer.row(EVENT_COLUMNS.length, body.length * MAX_CHARACTER_BYTES + MAX_REST_BYTES);
  writer.int8(chainSeq);
  writer.uuidOnce(eventId);
  writer.bytea(previousHash);
  writer.bytea(hash);
  writer.text(body);
  writer.timestamptz(storedAtMs);
  writer.timestamptz(Date.parse(columns.occurred_at));
  writer.text(columns.source);
  writer.text(columns.action);
  writer.text(columns.outcome);
  writer.uuidOrNull(columns.actor_user_id);
  writer.uuidOrNull(columns.actor_key_id);
  writer.textOrNull(columns.target_type);
  writer.textOrNull(columns.target_id);
  writer.uuidOrNull(columns.target_owner_id);
  writer.textOrNull(columns.request_id);
  writer.textOrNull(columns.trace_id);
}

function writePersonal(writer: RowWriter, { chainSeq, personal }: ChainRow): void {
  for (const { name, value, salt } of personal) {
    writer.row(PERSONAL_COLUMNS.length, value.length * MAX_CHARACTER_BYTES + MAX_REST_BYTES);
    writer.int8(chainSeq);
    writer.text(name);
    writer.text(value);
    writer.bytea(salt);
  }
}
