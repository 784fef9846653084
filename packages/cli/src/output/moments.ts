/** Times for people, in UTC. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `2026-11-22 04:12 UTC`; what is no time stays as it is. */
export function moment(time: string): string {
  return cutAt(time, 16);
}

/** `2026-11-22 04:12:30 UTC`; what is no time stays as it is. */
export function momentToSecond(time: string): string {
  return cutAt(time, 19);
}

function cutAt(time: string, length: number): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  return `${at.toISOString().slice(0, length).replace('T', ' ')} UTC`;
}

/** `2026-11-22 05:12 GMT+1`, in a time zone (IANA): with its offset, for hours that come twice. */
export function zonedMoment(time: string, timeZone: string): string {
  const at = new Date(time);
  if (timeZone === 'UTC' || Number.isNaN(at.getTime())) return moment(time);
  const format = new Intl.DateTimeFormat('en-GB', { ...DIGITS, timeZone, timeZoneName: 'shortOffset' });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const [year, month, day, hour, minute, offset] = FIELDS.map((field) => parts.get(field));
  return `${year}-${month}-${day} ${hour}:${minute} ${offset}`;
}

const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'timeZoneName'] as const;
const DIGITS = {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
} as const;

/** `2026-11-22 04:12:30 UTC (in 3 days)`: to the second, and seen from now. */
export function momentFromNow(time: string, nowMs: number): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  return `${momentToSecond(time)} (${distance(at.getTime() - nowMs)})`;
}

/** Rounded, in the largest unit that it has two of: what is to last 90 days is 90 days away a moment later. */
function distance(ms: number): string {
  const length = Math.abs(ms);
  if (length < MINUTE_MS) return ms < 0 ? 'just now' : 'within a minute';
  const text = spelled(length);
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

function spelled(ms: number): string {
  const days = Math.round(ms / DAY_MS);
  const hours = Math.round(ms / HOUR_MS);
  const minutes = Math.round(ms / MINUTE_MS);
  if (hours >= 48) return `${days} days`;
  if (minutes >= 120) return `${hours} hours`;
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
