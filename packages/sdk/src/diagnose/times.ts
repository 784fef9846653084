const DAY_MS = 86_400_000;

/** `2026-11-22`, in UTC. */
export function dayOf(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : 'an unknown day';
}

/** `2026-11-22 04:12:30 UTC` of an RFC 3339 time; what is no time stays as it is. */
export function momentOf(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Whole days, rounded down; negative for what is over. */
export function daysUntil(ms: number, nowMs: number): number {
  return Math.floor((ms - nowMs) / DAY_MS);
}
