import { HokusaiError } from '@hokusai/contracts/errors';

export interface BoundedPoolOptions {
  /** Tasks at the same time. */
  concurrency: number;
  /** Tasks that may wait; one more is refused. */
  queueLimit: number;
  /** What the refusal tells the caller. */
  retryAfterSeconds: number;
}

/** Runs tasks, so many at a time; the others wait in the order in which they came. */
export class BoundedPool {
  readonly #options: BoundedPoolOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: BoundedPoolOptions) {
    this.#options = options;
  }

  /** True if a task would start at once. */
  get isIdle(): boolean {
    return this.#running < this.#options.concurrency;
  }

  /** Throws `unavailable` at once if the queue is full. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    await this.#slot();
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  async #slot(): Promise<void> {
    const { concurrency, queueLimit, retryAfterSeconds } = this.#options;
    if (this.#running < concurrency) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= queueLimit) {
      throw new HokusaiError('unavailable', 'Too many keys are being checked at the moment.', {
        reason: 'hashing_queue_full',
        retryAfterSeconds,
      });
    }
    // Whoever ends hands the slot over, so that nobody who comes in between can take it.
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
