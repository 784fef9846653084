/** Rolls up what is stored, minute by minute, then hours, then days; what is behind is caught up in larger steps. */
import type { Clock } from '@hokusai/service-kit';
import type { RollupStore } from '../domain/ports.ts';

/** Buckets rolled up in one transaction: as many as take about a second. */
const MINUTES = { first: 1, most: 1440 } as const;
const HOURS = { first: 1, most: 24 } as const;
const GROW_BELOW_MS = 1000;
const SHRINK_ABOVE_MS = 4000;
const DAYS_AT_ONCE = 1;

export interface RollerOptions {
  clock: Clock;
  /** Runs the work while no other replica does such work; undefined if another one is at it. */
  asLeader: (work: (store: RollupStore) => Promise<boolean>) => Promise<boolean | undefined>;
}

/** One turn of rolling up; true if there is more to do at once. */
export function createRoller({ clock, asLeader }: RollerOptions): () => Promise<boolean> {
  const minutesStep = createStep(MINUTES, clock);
  const hoursStep = createStep(HOURS, clock);

  async function rollMinutes(store: RollupStore): Promise<boolean> {
    const claimed = await store.claimMinutes(clock.now(), minutesStep.size());
    if (claimed.length === 0) return false;
    // More than asked for where a larger step failed.
    const minutes = claimed.slice(0, minutesStep.size());
    await minutesStep.take(() => store.rollMinutes(minutes).then(() => minutes.length));
    return true;
  }

  async function roll(store: RollupStore): Promise<boolean> {
    if (await rollMinutes(store)) return true;
    const hours = await hoursStep.take(() => store.rollStale('hour', clock.now(), hoursStep.size()));
    return hours > 0 || (await store.rollStale('day', clock.now(), DAYS_AT_ONCE)) > 0;
  }

  return async () => (await asLeader(roll)) ?? false;
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
    take: async (work: () => Promise<number>): Promise<number> => {
      const startMs = clock.monotonic();
      const done = await work().catch((error: unknown) => {
        shrink();
        throw error;
      });
      const elapsedMs = clock.monotonic() - startMs;
      if (elapsedMs > SHRINK_ABOVE_MS) shrink();
      else if (elapsedMs < GROW_BELOW_MS && done >= size) size = Math.min(size * 2, most);
      return done;
    },
  };
}
