/** Who may read what, and whether a filter makes sense. */
import { HokusaiError, unprocessable, type Violation } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { Reader } from '@hokusai/contracts/reader';

/** null selects all. Half-open: from ≤ t < to. */
export interface UsageSelection {
  keyId: string | null;
  userId: string | null;
  endpoint: string | null;
  from: Date | null;
  to: Date | null;
}

/** What the reader sees of `filter`: a member sees their own usage, whatever else the filter says. */
export function selectionFor(reader: Reader, filter: UsageSelection): UsageSelection {
  checkFilter(filter);
  if (reader.isAdmin) return filter;
  if (filter.userId !== null && filter.userId.toLowerCase() !== reader.userId)
    throw new HokusaiError('permission_denied', "Only an admin may read another user's usage.");
  return { ...filter, userId: reader.userId };
}

/** Throws `unprocessable` with every rule that the period breaks. */
export function checkPeriod({ from, to }: { from: Date | null; to: Date | null }): void {
  const violations = periodViolations(from, to);
  if (violations.length > 0) throw unprocessable(violations, { what: 'The filter is not valid' });
}

function checkFilter({ keyId, userId, from, to }: UsageSelection): void {
  const violations: Violation[] = periodViolations(from, to);
  for (const [path, id] of [
    ['key_id', keyId],
    ['user_id', userId],
  ] as const)
    if (id !== null && !isUuid(id)) violations.push({ path, message: 'expected a uuid' });
  if (violations.length > 0) throw unprocessable(violations, { what: 'The filter is not valid' });
}

function periodViolations(from: Date | null, to: Date | null): Violation[] {
  return from && to && from > to
    ? [{ path: 'to', message: 'expected a time that is not before `from`' }]
    : [];
}
