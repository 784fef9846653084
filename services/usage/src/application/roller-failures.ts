/** Buckets that could not be rolled up by themselves: they are put aside, and tried again when nothing else is due. */
import type { Clock } from '@hokusai/service-kit';
import type { Grain } from '../domain/cover.ts';

const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 60 * 60 * 1000;

export interface Failures {
  /** Of what was put aside. */
  starts(): Date[];
  /**
   * What to roll up of all that is due: up to `size` of what never failed, or else one of what did and has waited.
   * Forgets what is no longer due.
   */
  choose(due: readonly Date[], size: number): Date[];
  /** Puts a bucket aside that failed alone; of several any may be to blame. Returns the error that says so. */
  failed(starts: readonly Date[], cause: unknown): Error;
  worked(starts: readonly Date[]): void;
}

export function createFailures(grain: Grain, clock: Clock): Failures {
  /** By start; `againAtMs` is on the monotonic clock. */
  const failures = new Map<number, { waitMs: number; againAtMs: number }>();

  function putAside(startMs: number): number {
    const known = failures.get(startMs);
    const waitMs = known ? Math.min(known.waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
    failures.set(startMs, { waitMs, againAtMs: clock.monotonic() + waitMs });
    return waitMs;
  }

  function hasWaited(start: Date): boolean {
    return (failures.get(start.getTime())?.againAtMs ?? 0) <= clock.monotonic();
  }

  return {
    starts: () => [...failures.keys()].map((ms) => new Date(ms)),
    choose: (due, size) => {
      const dueMs = new Set(due.map((start) => start.getTime()));
      for (const ms of failures.keys()) if (!dueMs.has(ms)) failures.delete(ms);
      const fresh = due.filter((start) => !failures.has(start.getTime()));
      return fresh.length > 0 ? fresh.slice(0, size) : due.filter(hasWaited).slice(0, 1);
    },
    failed: ([first, ...others], cause) => {
      if (!first || others.length > 0)
        return new Error(`rolling up ${others.length + 1} ${grain}s at once failed`, { cause });
      const waitMinutes = putAside(first.getTime()) / 60_000;
      const later = `it is tried again after ${waitMinutes} min, others meanwhile`;
      return new Error(`rolling up the ${grain} ${first.toISOString()} failed: ${later}`, { cause });
    },
    worked: (starts) => {
      for (const start of starts) failures.delete(start.getTime());
    },
  };
}
