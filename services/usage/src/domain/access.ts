/** Who may read what, and whether a filter makes sense. */
import { HokusaiError, type Violation } from '@hokusai/contracts/errors';

/** Who is asking, as proved by the gateway. */
export interface Reader {
  userId: string;
  isAdmin: boolean;
}

/** null selects all. Half-open: from ≤ t < to. */
export interface UsageSelection {
  keyId: string | null;
  userId: string | null;
  endpoint: string | null;
  from: Date | null;
  to: Date | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The reader, or `unauthenticated` for a call that doesn't say who is asking. */
export function readerOf(userId: string | undefined, isAdmin: boolean | undefined): Reader {
  if (!userId || !UUID.test(userId))
    throw new HokusaiError('unauthenticated', 'The call does not say which user is asking.');
  return { userId, isAdmin: isAdmin === true };
}

/** What the reader sees of `filter`: a member sees their own usage, whatever else the filter says. */
export function selectionFor(reader: Reader, filter: UsageSelection): UsageSelection {
  checkFilter(filter);
  if (reader.isAdmin) return filter;
  if (filter.userId !== null && filter.userId.toLowerCase() !== reader.userId.toLowerCase())
    throw new HokusaiError('permission_denied', "Only an admin may read another user's usage.");
  return { ...filter, userId: reader.userId };
}

/** Throws `permission_denied` for a member. */
export function requireAdmin(reader: Reader, what: string): void {
  if (!reader.isAdmin) throw new HokusaiError('permission_denied', `Only an admin may read ${what}.`);
}

/** Throws `unprocessable` with every rule that the period breaks. */
export function checkPeriod({ from, to }: { from: Date | null; to: Date | null }): void {
  const violations = periodViolations(from, to);
  if (violations.length > 0) throw unprocessable(violations);
}

function checkFilter({ keyId, userId, from, to }: UsageSelection): void {
  const violations: Violation[] = periodViolations(from, to);
  for (const [path, id] of [
    ['key_id', keyId],
    ['user_id', userId],
  ] as const)
    if (id !== null && !UUID.test(id)) violations.push({ path, message: 'expected a uuid' });
  if (violations.length > 0) throw unprocessable(violations);
}

function periodViolations(from: Date | null, to: Date | null): Violation[] {
  return from && to && from > to
    ? [{ path: 'to', message: 'expected a time that is not before `from`' }]
    : [];
}

function unprocessable(violations: readonly Violation[]): HokusaiError {
  const list = violations.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new HokusaiError('unprocessable', `The filter is not valid: ${list}.`, { violations });
}
