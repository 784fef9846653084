/** The obsolete form of a date, which names no time zone: it is GMT. */
const ASCTIME = /^[A-Za-z]{3} [A-Za-z]{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\s*$/;

/** Of RFC 9110: seconds, or a date. In milliseconds from now on, 0 if the date has gone by; undefined if it is neither. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  if (!/^[A-Za-z]{3,9},? /.test(value)) return undefined;
  const at = Date.parse(ASCTIME.test(value) ? `${value.trimEnd()} GMT` : value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
