/** Making rollups anew from the requests: each day is marked, rolled up, and only then the next one. */
import { GRAINS, type Grain } from '../domain/cover.ts';
import type { RollupStore } from '../domain/ports.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const AT_ONCE: Readonly<Record<Grain, number>> = { minute: 60, hour: 4, day: 1 };

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
 * marked is rolled up by the service. Throws RebuildError at a day whose requests aren't all kept, the ones before it
 * being done.
 */
export async function rebuildRollups(store: RollupStore, options: RebuildOptions): Promise<void> {
  const { from, to, nowMs, onDay } = options;
  for (let dayMs = from.getTime(); dayMs < to.getTime(); dayMs += DAY_MS) {
    const day = new Date(dayMs);
    if (!(await store.markDay(day)))
      throw new RebuildError(`Requests of ${nameOf(day)} are no longer kept: its rollups can't be rebuilt.`);
    await rollAll(store, nowMs);
    onDay(day);
  }
}

/**
 * The days that are named, or all of them. Throws RebuildError for what is no day, and for days whose requests are
 * no longer kept: their rollups are all that is left of them.
 *
 * @param firstKept midnight since which there are requests; null: there are none at all
 */
export function periodOf(
  { from, to }: { from?: string; to?: string },
  { nowMs, firstKept }: { nowMs: number; firstKept: Date | null },
): { from: Date; to: Date } {
  const todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const first = firstKept ?? new Date(todayMs);
  const period = { from: dayOf(from) ?? first, to: dayOf(to) ?? new Date(todayMs + DAY_MS) };
  if (period.from >= period.to) throw new RebuildError('--to has to be a later day than --from.');
  if (period.from < first)
    throw new RebuildError(`Requests are kept since ${nameOf(first)}: rollups from before can't be rebuilt.`);
  return period;
}

function nameOf(day: Date): string {
  return day.toISOString().slice(0, 10);
}

function dayOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const day = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(day.getTime()))
    throw new RebuildError(`${text} is no day such as 2026-11-22.`);
  return day;
}

async function rollAll(store: RollupStore, nowMs: number): Promise<void> {
  for (const grain of GRAINS)
    for (;;) {
      const starts = await store.due(grain, { nowMs, limit: AT_ONCE[grain], aside: [] });
      if (starts.length === 0) break;
      await store.roll(grain, starts);
    }
}
