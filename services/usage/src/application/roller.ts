/** Rolls up what is stored, minute by minute, then hours, then days; what is behind is caught up in larger steps. */
import type { Clock } from '@hokusai/service-kit';
import { GRAINS, type Grain } from '../domain/cover.ts';
import type { RollupStore } from '../domain/ports.ts';
import { createFailures } from './roller-failures.ts';

/** Buckets rolled up in one transaction: as many as take about a second. */
const STEPS: Readonly<Record<Grain, { first: number; most: number }>> = {
  minute: { first: 1, most: 1440 },
  hour: { first: 1, most: 24 },
  day: { first: 1, most: 1 },
};
const GROW_BELOW_MS = 1000;
const SHRINK_ABOVE_MS = 4000;

export interface RollerOptions {
  clock: Clock;
  /** Runs the work while no other replica does such work; undefined if another one is at it. */
  asLeader: (work: (store: RollupStore) => Promise<boolean>) => Promise<boolean | undefined>;
}

/** One turn of rolling up; true if there is more to do at once. */
export function createRoller({ clock, asLeader }: RollerOptions): () => Promise<boolean> {
  const rollers = GRAINS.map((grain) => rollerOf(grain, clock));

  async function roll(store: RollupStore): Promise<boolean> {
    for (const rollSome of rollers) if (await rollSome(store)) return true;
    return false;
  }

  return async () => (await asLeader(roll)) ?? false;
}

/** Rolls up some buckets; false if there are none. One that fails by itself is put aside, and keeps no others waiting. */
function rollerOf(grain: Grain, clock: Clock): (store: RollupStore) => Promise<boolean> {
  const step = createStep(STEPS[grain], clock);
  const failures = createFailures(grain, clock);
  return async (store) => {
    const bounds = { nowMs: clock.now(), limit: step.size(), aside: failures.starts() };
    const starts = failures.choose(await store.due(grain, bounds), step.size());
    if (starts.length === 0) return false;
    try {
      await step.take(() => store.roll(grain, starts).then(() => starts.length));
    } catch (error) {
      throw failures.failed(starts, error);
    }
    failures.worked(starts);
    return true;
  };
}

/** How much to do at once, by how long the last time took, or that it failed. */
function createStep({ first, most }: { first: number; most: number }, clock: Clock) {
  let size = first;
  const shrink = () => {
    size = Math.max(Math.floor(size / 2), 1);
  };
  return {
    size: () => size,
    /** `work` returns how much it has done. */
    take: async (work: () => Promise<number>): Promise<void> => {
      const startMs = clock.monotonic();
      const done = await work().catch((error: unknown) => {
        shrink();
        throw error;
      });
      const elapsedMs = clock.monotonic() - startMs;
      if (elapsedMs > SHRINK_ABOVE_MS) shrink();
      else if (elapsedMs < GROW_BELOW_MS && done >= size) size = Math.min(size * 2, most);
    },
  };
}
