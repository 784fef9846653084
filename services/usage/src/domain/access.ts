/** Who may read what, and whether a question makes sense. */
import { HokusaiError, unprocessable, type Violation } from '@hokusai/contracts/errors';
import { isStorable } from '@hokusai/contracts/fields';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { Reader } from '@hokusai/contracts/reader';
import {
  completePeriod,
  isTimeZone,
  periodProblems,
  type UsageGranularity,
  type UsagePeriod,
} from '@hokusai/contracts/usage-periods';

/** What computes dates in time zones takes years below 100 for others, and a period may begin a day before its end. */
const FIRST_MS = Date.parse('0101-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** As it was asked: null selects all, or leaves the period's default. Half-open: from ≤ t < to. */
export interface UsageFilter {
  keyId: string | null;
  userId: string | null;
  endpoint: string | null;
  from: Date | null;
  to: Date | null;
}

/** null selects all. */
export interface UsageSelection extends UsagePeriod {
  keyId: string | null;
  userId: string | null;
  endpoint: string | null;
}

/** Further rules that a question may break. */
export interface Asked {
  granularity?: UsageGranularity;
  timeZone?: string;
  /** More violations, of what only one kind of question has. */
  violations?: readonly Violation[];
}

/**
 * What the reader sees of `filter`: a member sees their own usage, whatever else the filter says. Without a period
 * it is the last day. Throws `unprocessable` with every rule that the question breaks.
 */
export function selectionFor(
  reader: Reader,
  filter: UsageFilter,
  now: Date,
  { granularity, timeZone, violations = [] }: Asked = {},
): UsageSelection {
  const { keyId, userId, endpoint } = filter;
  const { period, problems } = periodOf(filter, now, granularity);
  const isUnknownZone = timeZone !== undefined && !isTimeZone(timeZone);
  refuse([
    ...problems,
    ...idProblems({ key_id: keyId, user_id: userId }),
    ...(endpoint === null || isStorable(endpoint)
      ? []
      : [{ path: 'endpoint', message: 'contains NUL or is not well-formed Unicode' }]),
    ...(isUnknownZone
      ? [{ path: 'time_zone', message: 'expected a name of the time zone database, such as Europe/Berlin' }]
      : []),
    ...violations,
  ]);
  const selection = { keyId, userId, endpoint, ...period };
  if (reader.isAdmin) return selection;
  if (userId !== null && userId.toLowerCase() !== reader.userId)
    throw new HokusaiError('permission_denied', "Only an admin may read another user's usage.");
  return { ...selection, userId: reader.userId };
}

/** The whole period, of a question that has no filter. Throws `unprocessable` with every rule that it breaks. */
export function periodFor(
  asked: Pick<UsageFilter, 'from' | 'to'>,
  now: Date,
  { violations = [] }: Pick<Asked, 'violations'> = {},
): UsagePeriod {
  const { period, problems } = periodOf(asked, now);
  refuse([...problems, ...violations]);
  return period;
}

/** What is wrong with how many things are asked for; 0 stands for the default. */
export function limitProblems(path: string, limit: number, most: number): Violation[] {
  return limit > most ? [{ path, message: `expected at most ${most}` }] : [];
}

/** Throws `unprocessable` if there are violations. */
export function refuse(violations: readonly Violation[]): void {
  if (violations.length > 0) throw unprocessable(violations, { what: 'The filter is not valid' });
}

/** The whole period, unless it has problems. */
function periodOf(asked: Pick<UsageFilter, 'from' | 'to'>, now: Date, granularity?: UsageGranularity) {
  const times = given(asked);
  const problems = Object.entries(times)
    .filter(([, time]) => !(time.getTime() >= FIRST_MS && time.getTime() <= LAST_MS))
    .map(([path]) => ({ path, message: 'is not a time in the years 101 to 9999' }));
  // What is no time is neither before nor after another one.
  if (problems.length > 0) return { period: { from: now, to: now }, problems };
  const period = completePeriod(times, now);
  return { period, problems: periodProblems(period, now, granularity) };
}

function given({ from, to }: Pick<UsageFilter, 'from' | 'to'>): Partial<UsagePeriod> {
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

function idProblems(ids: Readonly<Record<string, string | null>>): Violation[] {
  return Object.entries(ids)
    .filter(([, id]) => id !== null && !isUuid(id))
    .map(([path]) => ({ path, message: 'expected a uuid' }));
}
