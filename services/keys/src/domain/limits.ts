/** Rules for the limits of a key. */
import { LIMIT_MAX } from '@hokusai/contracts/fields';
import type { Limits } from './key.ts';
import type { Violations } from './violations.ts';

/** Limits as asked for; each absent one takes its default. */
export type RequestedLimits = { readonly [Name in keyof Limits]: number | null };

const PATHS: { readonly [Name in keyof Limits]: string } = {
  ratePerHour: 'rate_limit_per_hour',
  burst: 'burst_limit',
  burstWindowSeconds: 'burst_window_seconds',
};
const NAMES = ['ratePerHour', 'burst', 'burstWindowSeconds'] as const;

/** In which direction a limit gets looser: more requests, or a shorter time for as many. */
const LOOSER_UPWARDS = { ratePerHour: true, burst: true, burstWindowSeconds: false } as const;

/** The tighter of two, each limit by itself. */
export function tighter(a: Limits, b: Limits): Limits {
  return {
    ratePerHour: Math.min(a.ratePerHour, b.ratePerHour),
    burst: Math.min(a.burst, b.burst),
    burstWindowSeconds: Math.max(a.burstWindowSeconds, b.burstWindowSeconds),
  };
}

/** True if at least one limit is looser than that of `base`. */
export function areLooser(limits: Limits, base: Limits): boolean {
  return NAMES.some((name) => isLooser(name, limits[name], base[name]));
}

/**
 * The limits of a key: those asked for, the others from `base`.
 *
 * @param mayLoosen false: nothing may be looser than `base`
 */
export function checkLimits(
  requested: RequestedLimits,
  base: Limits,
  mayLoosen: boolean,
  violations: Violations,
): Limits {
  const limits = { ...base };
  for (const name of NAMES) {
    const value = requested[name];
    if (value === null) continue;
    limits[name] = value;
    if (!Number.isInteger(value) || value < 1 || value > LIMIT_MAX) {
      violations.add(PATHS[name], `expected a whole number from 1 to ${LIMIT_MAX}`);
    } else if (!mayLoosen && isLooser(name, value, base[name])) {
      const bound = LOOSER_UPWARDS[name] ? 'at most' : 'at least';
      violations.add(
        PATHS[name],
        `may be ${bound} ${base[name]}: only an admin may loosen limits`,
        'limit_loosened',
      );
    }
  }
  return limits;
}

function isLooser(name: keyof Limits, value: number, base: number): boolean {
  return LOOSER_UPWARDS[name] ? value > base : value < base;
}
