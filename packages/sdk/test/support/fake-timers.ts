import type { SetTimer } from '../../src/manager/timer.ts';

/** Time that stands still until it is told to go on. */
export class FakeTimers {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  get count(): number {
    return this.#timers.length;
  }

  readonly setTimer: SetTimer = (callback, milliseconds) => {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { callback } of due.sort((one, other) => one.at - other.at)) {
      callback();
    }
  }
}
