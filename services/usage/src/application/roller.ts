/** Rolls up what is stored, minute by minute, then hours, then days; what is behind is caught up in larger steps. */
import type { Clock } from '@hokusai/service-kit';
import type { RollupStore } from '../domain/ports.ts';

/** Minutes rolled up in one transaction: as many as take about a second. */
const STEPS = { first: 5, most: 320, growBelowMs: 1000, shrinkAboveMs: 4000 } as const;
const HOURS_AT_ONCE = 4;
const DAYS_AT_ONCE = 1;
const DROP_EVERY_MS = 60 * 60 * 1000;

export interface RollerOptions {
  clock: Clock;
  /** Runs the work while no other replica does such work; undefined if another one is at it. */
  asLeader: (work: (store: RollupStore) => Promise<boolean>) => Promise<boolean | undefined>;
}

/** One turn of rolling up; true if there is more to do at once. */
export function createRoller({ clock, asLeader }: RollerOptions): () => Promise<boolean> {
  let minutesAtOnce: number = STEPS.first;
  let droppedAtMs = Number.NEGATIVE_INFINITY;

  async function rollMinutes(store: RollupStore): Promise<boolean> {
    const minutes = await store.claimMinutes(clock.now(), minutesAtOnce);
    if (minutes.length === 0) return false;
    const startMs = clock.monotonic();
    await store.rollMinutes(minutes);
    const elapsedMs = clock.monotonic() - startMs;
    if (elapsedMs < STEPS.growBelowMs) minutesAtOnce = Math.min(minutesAtOnce * 2, STEPS.most);
    else if (elapsedMs > STEPS.shrinkAboveMs) minutesAtOnce = Math.max(Math.floor(minutesAtOnce / 2), 1);
    return true;
  }

  async function roll(store: RollupStore): Promise<boolean> {
    if (await rollMinutes(store)) return true;
    if ((await store.rollStale('hour', clock.now(), HOURS_AT_ONCE)) > 0) return true;
    if ((await store.rollStale('day', clock.now(), DAYS_AT_ONCE)) > 0) return true;
    await dropExpired(store);
    return false;
  }

  async function dropExpired(store: RollupStore): Promise<void> {
    if (clock.monotonic() - droppedAtMs < DROP_EVERY_MS) return;
    await store.dropExpired(clock.now());
    droppedAtMs = clock.monotonic();
  }

  return async () => (await asLeader(roll)) ?? false;
}
