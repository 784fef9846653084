/** When requests began: by the gateways' clocks, as far as those can be believed. */

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
/** Beyond what a time zone that was set wrong makes of a clock. */
export const MAX_AHEAD_MS = 24 * 60 * MINUTE_MS;
/** Batches may wait for the broker at a gateway, on its disk. */
export const MAX_BEHIND_MS = 8 * DAY_MS;

/**
 * The time to store something under that a gateway dates to `reportedMs` and the broker got at `receivedMs`: the
 * reported one, or that of its arrival if the gateway's clock must be off, or it is none (NaN).
 */
export function believedMs(reportedMs: number, receivedMs: number): number {
  const isBelievable = reportedMs <= receivedMs + MAX_AHEAD_MS && reportedMs >= receivedMs - MAX_BEHIND_MS;
  return isBelievable ? reportedMs : receivedMs;
}

/** The start of the unit of time, such as `MINUTE_MS`, that each falls into; each once, in rising order. */
export function startsOf(timesMs: Iterable<number>, unitMs: number): Date[] {
  const starts = new Set<number>();
  for (const timeMs of timesMs) starts.add(Math.floor(timeMs / unitMs) * unitMs);
  return [...starts].toSorted((a, b) => a - b).map((startMs) => new Date(startMs));
}
