/** JSON as the server speaks it. Integers beyond 2^53 - 1 are `bigint`, sent and received. */
export type JsonValue = string | number | bigint | boolean | null | readonly JsonValue[] | JsonObject;
/** Members that are undefined are left out when it is sent. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/** Nothing shorter can be beyond 2^53 - 1. Digits of a fraction, which most metrics have, don't count. */
const LONG_NUMBER = /(?<![.\d])\d{16}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const UNSAFE_INTEGER = 'i';
const STRING = 's';

/** Throws a SyntaxError if it is not JSON. */
export function parseJson(text: string): JsonValue {
  const parsed: JsonValue = JSON.parse(text);
  return LONG_NUMBER.test(text) ? unmark(JSON.parse(mark(text))) : parsed;
}

/**
 * Valid JSON in which every unsafe integer is a string that begins with `i`, and every other string one that begins with
 * `s`: the reviver of `JSON.parse` is not told in Node.js 20 how a number was written.
 */
function mark(text: string): string {
  return text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"')) return `"${STRING}${token.slice(1)}`;
    return Number.isSafeInteger(Number(token)) || !/^-?\d+$/.test(token)
      ? token
      : `"${UNSAFE_INTEGER}${token}"`;
  });
}

function unmark(value: JsonValue): JsonValue {
  if (typeof value === 'string')
    return value.startsWith(UNSAFE_INTEGER) ? BigInt(value.slice(1)) : value.slice(1);
  if (Array.isArray(value)) return value.map(unmark);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.slice(1), unmark(member as JsonValue)]),
  );
}

/** A number that is none in JSON goes as protobuf writes it: "NaN", "Infinity", "-Infinity". */
export function stringifyJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(',')}]`;
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : [`${JSON.stringify(name)}:${stringifyJson(member)}`],
  );
  return `{${members.join(',')}}`;
}
