/** Kills at random moments of the work that goes on meanwhile, each victim at least once. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Deployment, VICTIMS, type Victim } from './deployment.ts';
import type { Random } from './random.ts';

export interface Killer {
  /** Who was killed, in this order. */
  victims: readonly Victim[];
  /** Resolves when all of it is done, and everything that was killed has been started again. */
  done: Promise<void>;
  stop(): void;
}

export interface KillerOptions {
  /** At least; each victim is among them. */
  kills: number;
  /** How much of the work is done. */
  progress(): number;
  /** At most so much of it is done between two kills: on a slow machine they come later, and never too often. */
  mostWork: number;
  /** That a server stays away, at most. */
  mostDownMs: number;
}

/** One time in so many two are killed at once. */
const DOUBLE_ONE_IN = 4;
const LOOK_EVERY_MS = 5;
/** So that the moment is not always that of an answer. */
const MOST_PAUSE_MS = 100;

export function startKiller(
  deployment: Pick<Deployment, 'kill'>,
  random: Random,
  { kills, progress, mostWork, mostDownMs }: KillerOptions,
): Killer {
  const victims: Victim[] = [];
  const isOver = new AbortController();
  const kill = async (victim: Victim) => {
    victims.push(victim);
    await deployment.kill(victim, random.between(0, mostDownMs));
  };
  const moment = async () => {
    const due = progress() + random.between(1, mostWork);
    while (progress() < due && !isOver.signal.aborted) await pause(LOOK_EVERY_MS);
    await pause(random.between(0, MOST_PAUSE_MS));
  };
  const run = async () => {
    let order: Victim[] = [];
    while (victims.length < kills && !isOver.signal.aborted) {
      await moment();
      if (order.length === 0) order = random.shuffled(VICTIMS);
      const count = random.between(1, DOUBLE_ONE_IN) === 1 ? 2 : 1;
      await Promise.all(order.splice(0, count).map(kill));
    }
  };
  return { victims, done: run(), stop: () => isOver.abort() };
}
