/** Rules on the periods that usage is asked for: the same at every door. */
import type { Violation } from './errors.ts';

export const GRANULARITIES = ['minute', 'hour', 'day'] as const;
export type UsageGranularity = (typeof GRANULARITIES)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Up to now, where a question names no period. */
export const DEFAULT_USAGE_PERIOD_MS = DAY_MS;

/** The longest period of a time series, by the length of its buckets: some thousand of them at most. */
export const MAX_SERIES_DAYS: Readonly<Record<UsageGranularity, number>> = { minute: 2, hour: 62, day: 1100 };

/** How many places a ranking has. */
export const MAX_RANKING = 100;
/** Clients in one answer of whom gateways would have refused. */
export const MAX_OBSERVED = 1000;

/** For how many days a key can be asked to have been unused. */
export const MAX_UNUSED_DAYS = 1100;

/** Half-open: from ≤ t < to. */
export interface UsagePeriod {
  from: Date;
  to: Date;
}

/** What is missing in a period, filled in: it ends now, and begins a day before its end, or before now if that is earlier. */
export function completePeriod({ from, to }: Partial<UsagePeriod>, now: Date): UsagePeriod {
  const end = to ?? now;
  const lastMs = Math.min(end.getTime(), now.getTime());
  return { from: from ?? new Date(lastMs - DEFAULT_USAGE_PERIOD_MS), to: end };
}

/**
 * Every rule that a period breaks.
 *
 * @param granularity of a time series; absent for sums over the whole period, which may be of any length
 */
export function periodProblems(
  { from, to }: UsagePeriod,
  now: Date,
  granularity?: UsageGranularity,
): Violation[] {
  if (from > now)
    return [{ path: 'from', message: `lies in the future: expected ${now.toISOString()} or earlier` }];
  if (to < from)
    return [{ path: 'to', message: `lies before \`from\`: expected ${from.toISOString()} or later` }];
  return granularity === undefined ? [] : lengthProblems(to.getTime() - from.getTime(), granularity);
}

function lengthProblems(lengthMs: number, granularity: UsageGranularity): Violation[] {
  const isTooLong = (grain: UsageGranularity) => lengthMs > MAX_SERIES_DAYS[grain] * DAY_MS;
  if (!isTooLong(granularity)) return [];
  const allowed = GRANULARITIES.map((grain) => `${grain} for at most ${MAX_SERIES_DAYS[grain]} days`);
  return [{ path: 'granularity', message: `is too fine for so long a period: ${allowed.join(', ')}` }];
}

/** A name that the time zone database has: `Europe/Berlin`, not an offset, which has no days of its own. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
