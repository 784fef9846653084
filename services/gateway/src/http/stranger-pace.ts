/**
 * How fast those are answered who have no key. Each of their answers lets the next of their requests come, and
 * that costs nearly as much as one that is served: unbounded, a flood of invented keys would take the process
 * from those who have one. So beyond a rate that no mistake reaches answers wait, and their connections with them.
 */
import type { Clock } from '@hokusai/service-kit';
import { type Stranger, StrangerQueue } from './stranger-queue.ts';

export interface PaceOptions {
  /** Answers per second in the long run, over all strangers. */
  perSecond: number;
  /** Answers at once after a quiet time. */
  burst: number;
  /** Answers that may wait; beyond, those who have most of them lose a connection. */
  maxWaiting: number;
  clock: Pick<Clock, 'monotonic'>;
  after?: (delayMs: number, task: () => void) => void;
}

const TICK_MS = 10;

export class StrangerPace {
  readonly #options: PaceOptions;
  readonly #after: NonNullable<PaceOptions['after']>;
  readonly #waiting = new StrangerQueue();
  /** Answers that may be given now. */
  #tokens: number;
  #refilledAtMs: number;
  #isTicking = false;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#after = options.after ?? ((delayMs, task) => void setTimeout(task, delayMs));
    this.#tokens = options.burst;
    this.#refilledAtMs = options.clock.monotonic();
  }

  /** Calls `answer` when it is its turn, unless the client has left by then. */
  take(stranger: Stranger, answer: () => void): void {
    // Node goes on with what it has read of a connection that was closed.
    if (stranger.incoming.socket.destroyed) return;
    this.#refill();
    if (this.#waiting.size === 0 && this.#tokens >= 1) {
      this.#tokens -= 1;
      answer();
      return;
    }
    this.#waiting.push(stranger, answer);
    if (this.#waiting.size > this.#options.maxWaiting) this.#waiting.drop();
    this.#tickLater();
  }

  #refill(): void {
    const { perSecond, burst, clock } = this.#options;
    const nowMs = clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * perSecond);
    this.#refilledAtMs = nowMs;
  }

  #tickLater(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#after(TICK_MS, () => {
      this.#isTicking = false;
      this.#answerSome();
    });
  }

  #answerSome(): void {
    this.#refill();
    for (; this.#tokens >= 1 && this.#waiting.size > 0; this.#tokens -= 1) this.#waiting.shift()?.();
    if (this.#waiting.size > 0) this.#tickLater();
  }
}
