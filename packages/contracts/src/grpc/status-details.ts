/**
 * The trailer `grpc-status-details-bin`: a `google.rpc.Status` with `ErrorInfo`, `BadRequest` and `RetryInfo`
 * (googleapis, google/rpc/status.proto and error_details.proto), which the gRPC libraries of all languages
 * can read. Four small messages, written field by field (protobuf.dev, "Encoding").
 */
import type { HokusaiError, Violation } from '../errors.ts';

/** `ErrorInfo.domain`: whose reasons they are. */
const ERROR_DOMAIN = 'hokusai';

export interface StatusDetails {
  /** gRPC status code. */
  status: number;
  message: string;
  error: Pick<HokusaiError, 'code' | 'reason' | 'violations' | 'retryAfterSeconds'>;
  /** Of very many violations the first ones are kept. */
  maxBytes: number;
}

/** The serialized `google.rpc.Status`. */
export function encodeStatusDetails({ status, message, error, maxBytes }: StatusDetails): Buffer {
  const { code, violations, retryAfterSeconds } = error;
  const reason = (error.reason ?? code).toUpperCase();
  const info = [text(1, reason), text(2, ERROR_DOMAIN), field(3, text(1, 'code'), text(2, code))];
  const head = [number(1, status), text(2, message), detail('ErrorInfo', ...info)];
  // RetryInfo.retry_delay.seconds
  if (retryAfterSeconds !== undefined)
    head.push(detail('RetryInfo', field(1, number(1, Math.ceil(retryAfterSeconds)))));
  const fixed = Buffer.concat(head);
  if (violations.length === 0) return fixed;
  return Buffer.concat([fixed, detail('BadRequest', ...fitting(violations, maxBytes - fixed.length))]);
}

/** `BadRequest.field_violations`; where not all of them fit, the last one says how many are left out. */
function fitting(violations: readonly Violation[], maxBytes: number): Buffer[] {
  const all = violations.map(fieldViolation);
  const isFitting = (fields: readonly Buffer[]) => detail('BadRequest', ...fields).length <= maxBytes;
  let count = all.length;
  let fields = all;
  while (count > 0 && !isFitting(fields)) {
    count -= 1;
    const rest = fieldViolation({ path: '', message: `and ${all.length - count} more` });
    fields = [...all.slice(0, count), rest];
  }
  return fields;
}

function fieldViolation({ path, message }: Violation): Buffer {
  return field(1, text(1, path), text(2, message));
}

/** One `google.protobuf.Any` in `Status.details`. */
function detail(type: string, ...content: readonly Buffer[]): Buffer {
  return field(3, text(1, `type.googleapis.com/google.rpc.${type}`), field(2, ...content));
}

/** A field of the wire type LEN: a string, bytes or a message. */
function field(id: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([varint(id * 8 + 2), varint(length), ...content]);
}

/** Nothing for an empty string, which is what a field that is absent reads as. */
function text(id: number, value: string): Buffer {
  return value === '' ? Buffer.alloc(0) : field(id, Buffer.from(value.toWellFormed()));
}

/** A field of the wire type VARINT. */
function number(id: number, value: number): Buffer {
  return Buffer.concat([varint(id * 8), varint(value)]);
}

/** Seven bits a byte, the lowest first; all but the last one have the top bit set. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
