/** Times for people, in UTC. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `2026-11-22 04:12 UTC`; what is no time stays as it is. */
export function moment(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `2026-11-22 04:12:30 UTC (in 3 days)`: to the second, and seen from now. */
export function momentFromNow(time: string, nowMs: number): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const exact = at.toISOString().slice(0, 19).replace('T', ' ');
  return `${exact} UTC (${distance(at.getTime() - nowMs)})`;
}

/** Rounded down to the largest unit that is in it. */
function distance(ms: number): string {
  const length = Math.abs(ms);
  if (length < MINUTE_MS) return ms < 0 ? 'just now' : 'within a minute';
  const text = spelled(length);
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

function spelled(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  if (ms >= 2 * HOUR_MS) return `${Math.floor(ms / HOUR_MS)} hours`;
  const minutes = Math.floor(ms / MINUTE_MS);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
