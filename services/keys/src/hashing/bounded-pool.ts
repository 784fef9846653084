import { HokusaiError } from '@hokusai/contracts/errors';

export interface BoundedPoolOptions {
  /** Tasks at the same time. */
  concurrency: number;
  /** Tasks that may wait; one more is refused. */
  queueLimit: number;
  /** What the refusal tells the caller. */
  retryAfterSeconds: number;
}

/** Told of each task; never throws. */
export interface PoolObserver {
  ran(waitMs: number, runMs: number): void;
  refused(): void;
}

/** Runs tasks, so many at a time; the others wait in the order in which they came. */
export class BoundedPool {
  readonly #options: BoundedPoolOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #observer: PoolObserver | undefined;

  constructor(options: BoundedPoolOptions) {
    this.#options = options;
  }

  /** True if a task would start at once. */
  get isIdle(): boolean {
    return this.#running < this.#options.concurrency;
  }

  /** Tasks that wait. */
  get queued(): number {
    return this.#waiting.length;
  }

  /** Has one observer told, from now on. */
  observe(observer: PoolObserver): void {
    this.#observer = observer;
  }

  /** Throws `unavailable` at once if the queue is full. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    const cameMs = performance.now();
    await this.#slot();
    const beganMs = performance.now();
    try {
      return await task();
    } finally {
      this.#observer?.ran(beganMs - cameMs, performance.now() - beganMs);
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
      this.#observer?.refused();
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
