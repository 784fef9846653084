/** Who may read what, and whether a question makes sense. */
import { HokusaiError, unprocessable, type Violation } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { Reader } from '@hokusai/contracts/reader';
import {
  completePeriod,
  isTimeZone,
  periodProblems,
  type UsageGranularity,
  type UsagePeriod,
} from '@hokusai/contracts/usage-periods';

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
  const period = completePeriod(given(filter), now);
  const isUnknownZone = timeZone !== undefined && !isTimeZone(timeZone);
  refuse([
    ...periodProblems(period, now, granularity),
    ...idProblems({ key_id: keyId, user_id: userId }),
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

/** Of a list that is open at both ends. Throws `unprocessable` with every rule that the period breaks. */
export function checkPeriod({ from, to }: { from: Date | null; to: Date | null }, now: Date): void {
  refuse(
    periodProblems(
      { from: from ?? new Date(0), to: to ?? new Date(Math.max(now.getTime(), from?.getTime() ?? 0)) },
      now,
    ),
  );
}

/** What is wrong with how many things are asked for; 0 stands for the default. */
export function limitProblems(path: string, limit: number, most: number): Violation[] {
  return limit > most ? [{ path, message: `expected at most ${most}` }] : [];
}

/** Throws `unprocessable` if there are violations. */
export function refuse(violations: readonly Violation[]): void {
  if (violations.length > 0) throw unprocessable(violations, { what: 'The filter is not valid' });
}

function given({ from, to }: UsageFilter): Partial<UsagePeriod> {
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

function idProblems(ids: Readonly<Record<string, string | null>>): Violation[] {
  return Object.entries(ids)
    .filter(([, id]) => id !== null && !isUuid(id))
    .map(([path]) => ({ path, message: 'expected a uuid' }));
}
