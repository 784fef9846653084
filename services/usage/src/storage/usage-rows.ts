/** Rows of requests, encoded for COPY as soon as their batch is read: smaller than it, and quick to be sent. */
import type { UsageRequest } from '@hokusai/contracts';
import { RowWriter } from '@hokusai/service-kit';
import type { BatchMessage, NumberedBatch } from '../domain/messages.ts';
import type { NumberSet } from '../domain/number-ranges.ts';
import { believedMs, MINUTE_MS } from '../domain/times.ts';
import { usageIds } from '../domain/usage-id.ts';

export const USAGE_COLUMNS = [
  ...['id', 'timestamp', 'api_key_id', 'user_id', 'secret_prefix', 'upstream', 'endpoint', 'method'],
  ...['status_code', 'refusal', 'response_time_ms', 'first_byte_ms', 'bytes_in', 'bytes_out', 'client_ip'],
  ...['user_agent_family', 'request_id', 'trace_id', 'incarnation', 'sequence'],
];

/** More than a row with the longest texts that the schema allows, at three bytes for each of their characters. */
const MAX_ROW_BYTES = 4096;

export interface EncodedBatch extends NumberedBatch {
  /** One row for each number, in COPY's binary form. */
  rows: Buffer;
  /** Where each of them ends. */
  ends: Uint32Array;
  /** Starts of the minutes that they stand under. */
  minutesMs: number[];
  /** The numbers whose time is not the one that their gateway said. */
  corrected: number[];
}

/** An encoder with memory of its own. */
export function createBatchEncoder(): (message: BatchMessage) => EncodedBatch {
  const writer = new RowWriter();
  return ({ receivedAt, batch: { incarnation, from, to, requests } }) => {
    const receivedMs = receivedAt.getTime();
    const writeId = usageIds(incarnation);
    const ends = new Uint32Array(requests.length);
    const minutesMs = new Set<number>();
    const corrected: number[] = [];
    writer.restart();
    for (const [index, request] of requests.entries()) {
      const reportedMs = Date.parse(request.timestamp);
      const startMs = believedMs(reportedMs, receivedMs);
      if (startMs !== reportedMs) corrected.push(request.sequence);
      minutesMs.add(startMs - (startMs % MINUTE_MS));
      writer.row(USAGE_COLUMNS.length, MAX_ROW_BYTES);
      writer.uuidBy((view, at) => writeId(view, at, startMs, request.sequence));
      writer.timestamptz(startMs);
      writeValues(writer, request);
      writer.uuid(incarnation);
      writer.int8(request.sequence);
      ends[index] = writer.end;
    }
    return { incarnation, from, to, rows: writer.copy(), ends, minutesMs: [...minutesMs], corrected };
  };
}

/** From `api_key_id` to `trace_id`. */
function writeValues(writer: RowWriter, request: UsageRequest): void {
  writer.uuid(request.key_id);
  writer.uuid(request.user_id);
  writer.text(request.secret_prefix);
  writer.text(request.upstream);
  writer.text(request.endpoint);
  writer.text(request.method);
  writer.int2(request.status_code);
  writer.textOrNull(request.refusal);
  writer.float8(request.response_time_ms);
  if (request.first_byte_ms === null) writer.null();
  else writer.float8(request.first_byte_ms);
  writer.int8(request.bytes_in);
  writer.int8(request.bytes_out);
  writer.text(request.client_ip);
  writer.text(request.user_agent_family);
  writer.text(request.request_id);
  writer.textOrNull(request.trace_id);
}

/** The rows of these numbers, which are the batch's. */
export function* rowsOf({ from, rows, ends }: EncodedBatch, numbers: NumberSet): Generator<Buffer> {
  const endOf = (number: number) => (number < from ? 0 : (ends[number - from] as number));
  for (const range of numbers) yield rows.subarray(endOf(range.from - 1), endOf(range.to));
}
