/** Rules on questions about usage that are about the time, or about several parameters: those of the usage service. */
import type { Violation } from '@hokusai/contracts';
import {
  completePeriod,
  GRANULARITIES,
  periodProblems,
  type UsageGranularity,
  type UsagePeriod,
} from '@hokusai/contracts/usage-periods';
import { instant } from '../fields.ts';
import type { Given } from '../operation.ts';
import { invalidValues } from '../request.ts';

interface Times {
  from?: string | undefined;
  to?: string | undefined;
}

/** The whole period. Throws `unprocessable` with what is wrong with it. */
export function periodOf(query: Times, now: Date, granularity?: UsageGranularity): UsagePeriod {
  const period = completed(query, now);
  const problems = periodProblems(period, now, granularity);
  if (problems.length > 0) throw invalidValues(problems);
  return period;
}

/** What is wrong with the period of a query in which other things are wrong, too. */
export function wrongPeriod({ query }: Given, now: Date): Violation[] {
  const { from, to } = query as Record<string, unknown>;
  return [from, to].every(isTimeOrAbsent) ? periodProblems(completed({ from, to } as Times, now), now) : [];
}

/** The same for a time series, which may have too many buckets. */
export function wrongSeries({ query }: Given, now: Date): Violation[] {
  const { from, to, granularity = 'hour' } = query as Record<string, unknown>;
  const grain = GRANULARITIES.find((name) => name === granularity);
  if (!grain || ![from, to].every(isTimeOrAbsent)) return [];
  return periodProblems(completed({ from, to } as Times, now), now, grain);
}

/** The same for a ranking: addresses are counted over all endpoints. */
export function wrongRanking(given: Given, now: Date): Violation[] {
  const { by, endpoint } = given.query as Record<string, unknown>;
  const isWrong = by === 'client_ip' && endpoint !== undefined;
  const message = 'addresses are counted over all endpoints: leave it away';
  return [...wrongPeriod(given, now), ...(isWrong ? [{ path: 'endpoint', message }] : [])];
}

const anyTime = instant('').optional();

function isTimeOrAbsent(value: unknown): boolean {
  return anyTime.safeParse(value).success;
}

function completed({ from, to }: Times, now: Date): UsagePeriod {
  const parts = { ...(from && { from: new Date(from) }), ...(to && { to: new Date(to) }) };
  return completePeriod(parts, now);
}
