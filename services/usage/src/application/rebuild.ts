/** Making rollups anew from the requests: each day is marked, rolled up, and only then the next one. */
import type { RollupStore } from '../domain/ports.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTES_AT_ONCE = 60;

/** Days that can't be rebuilt; the message says why. */
export class RebuildError extends Error {
  override readonly name = 'RebuildError';
}

export interface RebuildOptions {
  /** Midnight (UTC) of the first day, and of the one after the last. */
  from: Date;
  to: Date;
  /** The service's time, of which what is over is reckoned. */
  nowMs: number;
  /** Told of each day that is done. */
  onDay: (day: Date) => void;
}

/**
 * Answers stay right all the while: they take what is marked from the requests. If this ends in the middle, what is
 * marked is rolled up by the service.
 */
export async function rebuildRollups(store: RollupStore, options: RebuildOptions): Promise<void> {
  const { from, to, nowMs, onDay } = options;
  for (let dayMs = from.getTime(); dayMs < to.getTime(); dayMs += DAY_MS) {
    await store.markAll(new Date(dayMs), new Date(dayMs + DAY_MS));
    await rollAll(store, nowMs);
    onDay(new Date(dayMs));
  }
}

/**
 * The days that are named, or all of them. Throws RebuildError for what is no day, and for days whose requests are
 * no longer kept: their rollups are all that is left of them.
 *
 * @param floorMs midnight since which requests are kept
 */
export function periodOf(
  { from, to }: { from?: string; to?: string },
  { nowMs, floorMs }: { nowMs: number; floorMs: number },
): { from: Date; to: Date } {
  const tomorrowMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
  const period = { from: dayOf(from) ?? new Date(floorMs), to: dayOf(to) ?? new Date(tomorrowMs) };
  if (period.from >= period.to) throw new RebuildError('--to has to be a later day than --from.');
  if (period.from.getTime() < floorMs)
    throw new RebuildError(
      `Requests are kept since ${new Date(floorMs).toISOString().slice(0, 10)}: rollups from before can't be rebuilt.`,
    );
  return period;
}

function dayOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const day = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(day.getTime()))
    throw new RebuildError(`${text} is no day such as 2026-11-22.`);
  return day;
}

async function rollAll(store: RollupStore, nowMs: number): Promise<void> {
  for (;;) {
    const minutes = await store.claimMinutes(nowMs, MINUTES_AT_ONCE);
    if (minutes.length === 0) break;
    await store.rollMinutes(minutes);
  }
  while ((await store.rollStale('hour', nowMs, 4)) > 0);
  while ((await store.rollStale('day', nowMs, 1)) > 0);
}
