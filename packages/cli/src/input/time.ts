/** Lengths and points of time, as they are typed. */

const UNIT_SECONDS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
const DURATION = /^(?:\d+[wdhms])+$/;
/** RFC 3339, with an offset. */
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
/** RFC 3339 has years of four digits, and the API begins with the year 1. */
const FIRST_INSTANT_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_INSTANT_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

/** A point of time: so long from now, at a time, or never. */
export type When = { afterSeconds: number } | { at: Date } | 'never';

/** Whole seconds of `90d`, `24h`, `1h30m` or `0`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([wdhms])/g)];
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS[unit ?? ''] ?? 0),
    0,
  );
  return Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** undefined for what is neither a duration, nor an RFC 3339 time, nor `never`. */
export function parseWhen(text: string): When | undefined {
  if (text === 'never') return 'never';
  const afterSeconds = parseDuration(text);
  if (afterSeconds !== undefined) return { afterSeconds };
  const at = new Date(INSTANT.test(text) ? text : Number.NaN);
  return Number.isNaN(at.getTime()) || !isOfCalendar(text) ? undefined : { at };
}

/** As the API takes it: RFC 3339, or null for never. */
export function instantOf(when: When, nowMs: number): string | null {
  if (when === 'never') return null;
  if ('at' in when) return when.at.toISOString();
  const atMs = nowMs + when.afterSeconds * 1000;
  return new Date(Math.min(Math.max(atMs, FIRST_INSTANT_MS), LAST_INSTANT_MS)).toISOString();
}

/** Whole seconds from now, at least 0. */
export function secondsUntil(when: Exclude<When, 'never'>, nowMs: number): number {
  if ('afterSeconds' in when) return when.afterSeconds;
  return Math.max(0, Math.ceil((when.at.getTime() - nowMs) / 1000));
}

/** JavaScript takes February 30 for March 2. */
function isOfCalendar(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).getUTCDate() >= day;
}
