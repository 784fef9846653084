/** A clock and timers that stand still until a test advances them. */
import type { Clock } from '@hokusai/service-kit';
import type { Timers } from '../../src/events/timers.ts';

interface Timer {
  atMs: number;
  task: () => void;
}

export class ManualTime implements Clock, Timers {
  #nowMs: number;
  #timers: Timer[] = [];

  constructor(nowMs = Date.UTC(2025, 0, 15, 12)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Timers that are set and not yet due. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass, runs what falls due in its order, and lets promises settle after each step. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (let next = this.#nextUntil(endMs); next; next = this.#nextUntil(endMs)) {
      const due = next;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#nowMs = due.atMs;
      due.task();
      await settle();
    }
    this.#nowMs = endMs;
  }

  #nextUntil(endMs: number): Timer | undefined {
    const [first] = this.#timers.toSorted((a, b) => a.atMs - b.atMs);
    return first && first.atMs <= endMs ? first : undefined;
  }
}

/** Long enough for every chain of promises that needs no timer. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
