/** Rules on questions about the audit log that are about several parameters, in the names that these have here. */
import type { Violation } from '@hokusai/contracts';
import { instant } from '../fields.ts';
import type { Given } from '../operation.ts';
import { invalidValues } from '../request.ts';

/** Throws `unprocessable` if anything is wrong. */
export function refuseWrong(violations: readonly Violation[]): void {
  if (violations.length > 0) throw invalidValues(violations);
}

const anyTime = instant('');

/** What is wrong with a period, as far as it is one. */
export function wrongPeriod({ query }: Given): Violation[] {
  const { from, to } = query as Record<string, string>;
  const areTimes = anyTime.safeParse(from).success && anyTime.safeParse(to).success;
  if (!areTimes || Date.parse(from as string) <= Date.parse(to as string)) return [];
  return [{ path: 'to', message: 'lies before `from`' }];
}

/** The same of an export, which may be of a range of rows. */
export function wrongExport(given: Given): Violation[] {
  return [...wrongPeriod(given), ...wrongRows(given.query as object)];
}

/** What is wrong with a range of rows. */
export function wrongRows(rows: { from_chain_seq?: unknown; to_chain_seq?: unknown }): Violation[] {
  const { from_chain_seq: first = 1, to_chain_seq: last = Number.POSITIVE_INFINITY } = rows;
  if (!(Number(last) < Number(first))) return [];
  return [{ path: 'to_chain_seq', message: 'lies before `from_chain_seq`' }];
}
