let lastMs = Number.NaN;
let lastText = '';

/**
 * RFC 3339, in UTC, to the millisecond. Writing one costs a microsecond, and under load several requests come in
 * one millisecond.
 *
 * @param ms since the epoch
 */
export function isoInstant(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
