/**
 * Reads what MLflow answers. Its JSON is protobuf's: a field that is absent has its default, 64-bit integers come as
 * numbers (as text from some servers), and floating-point numbers that JSON can't hold as `"NaN"`, `"Infinity"` and
 * `"-Infinity"`.
 */
import { UnexpectedAnswerError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../http/json.ts';
import type { Int64 } from '../model/values.ts';

/** Rejects an answer that lacks it: nothing can be done with a run that has no id. */
export function readText(from: JsonObject, field: string): string {
  const value = from[field];
  if (typeof value !== 'string') {
    throw unexpected(`has no text as "${field}"`);
  }
  return value;
}

export function readTextOr<Absent extends string | null>(
  from: JsonObject,
  field: string,
  absent: Absent,
): string | Absent {
  return from[field] === undefined ? absent : readText(from, field);
}

export function readInt64(from: JsonObject, field: string): Int64 {
  const value = from[field] ?? 0;
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    return narrow(value as Int64);
  }
  if (typeof value === 'string' && /^-?\d+$/.test(value)) {
    return narrow(BigInt(value));
  }
  throw unexpected(`has no integer as "${field}"`);
}

function narrow(value: number | bigint): Int64 {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

const NAMED_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

export function readDouble(from: JsonObject, field: string): number {
  const value = from[field] ?? 0;
  const number = typeof value === 'string' ? NAMED_NUMBERS[value] : value;
  if (typeof number === 'number' || typeof number === 'bigint') {
    return Number(number);
  }
  throw unexpected(`has no number as "${field}"`);
}

export function readObject(from: JsonObject, field: string): JsonObject {
  const value = from[field];
  if (!isObject(value)) {
    throw unexpected(`has no object as "${field}"`);
  }
  return value;
}

export function readObjects(from: JsonObject, field: string): readonly JsonObject[] {
  const value = from[field] ?? [];
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw unexpected(`has no list of objects as "${field}"`);
  }
  return value;
}

export function readTexts(from: JsonObject, field: string): readonly string[] {
  const value = from[field] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw unexpected(`has no list of texts as "${field}"`);
  }
  return value;
}

/** What MLflow sends as `[{key, value}]`. Any name is a key, `__proto__` too. */
export function readPairs(from: JsonObject, field: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readObjects(from, field).map((pair) => [readText(pair, 'key'), readTextOr(pair, 'value', '')]),
  );
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unexpected(what: string): UnexpectedAnswerError {
  return new UnexpectedAnswerError(
    `The server's answer ${what}: is it an MLflow server, and of version 2 or 3?`,
  );
}
