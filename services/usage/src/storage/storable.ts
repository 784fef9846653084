/** Values as Postgres can hold them: what it can't hold of one must not cost a whole batch. */

/** Postgres knows no year 0. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');

/** NUL and broken surrogates become U+FFFD. */
export function storableText(value: string): string {
  return value.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** In milliseconds; NaN stays what it is. */
export function storableMs(timeMs: number): number {
  return Math.max(timeMs, FIRST_MS);
}
