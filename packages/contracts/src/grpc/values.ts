/** Well-known protobuf types to and from JavaScript values, in the shape that the loader gives them. */
import type { JsonValue } from '../events/audit.ts';
import type { Duration } from '../gen/google/protobuf/Duration.ts';
import type { Struct } from '../gen/google/protobuf/Struct.ts';
import type { Timestamp } from '../gen/google/protobuf/Timestamp.ts';
import type { Value } from '../gen/google/protobuf/Value.ts';

const NANOS_PER_MS = 1_000_000;

/** null (absent) for null; precise to the millisecond, as Date is. */
export function toTimestamp(date: Date | null | undefined): Timestamp | null {
  if (!date) return null;
  const ms = date.getTime();
  const seconds = Math.floor(ms / 1000);
  return { seconds: String(seconds), nanos: (ms - seconds * 1000) * NANOS_PER_MS };
}

/** null for an absent timestamp; cuts below the millisecond. */
export function fromTimestamp(timestamp: Timestamp | null | undefined): Date | null {
  if (!timestamp) return null;
  return new Date(Number(timestamp.seconds ?? 0) * 1000 + Math.floor((timestamp.nanos ?? 0) / NANOS_PER_MS));
}

export function toDuration(ms: number): Duration {
  const seconds = Math.trunc(ms / 1000);
  return { seconds: String(seconds), nanos: Math.round((ms - seconds * 1000) * NANOS_PER_MS) };
}

/** In milliseconds; null if absent. */
export function fromDuration(duration: Duration | null | undefined): number | null {
  if (!duration) return null;
  return Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / NANOS_PER_MS;
}

export type JsonObject = { [key: string]: JsonValue };

export function toStruct(object: JsonObject): Struct {
  return { fields: Object.fromEntries(Object.entries(object).map(([key, value]) => [key, toValue(value)])) };
}

/** {} if absent. */
export function fromStruct(struct: Struct | null | undefined): JsonObject {
  const entries = Object.entries(struct?.fields ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, fromValue(value)]));
}

function toValue(value: JsonValue): Value {
  if (value === null) return { nullValue: 'NULL_VALUE' };
  if (typeof value === 'number') return { numberValue: value };
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  return { structValue: toStruct(value) };
}

function fromValue(value: Value): JsonValue {
  if (value.numberValue !== undefined) return Number(value.numberValue);
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.listValue) return (value.listValue.values ?? []).map(fromValue);
  if (value.structValue) return fromStruct(value.structValue);
  return null;
}
