import type { Logger } from '../config/logger.ts';
import type { Metric } from '../model/run.ts';
import type { CallOptions } from '../model/values.ts';
import { rejectOnAbort } from './abort.ts';
import { LostMetrics, noRoomFor } from './lost-metrics.ts';
import { storeApart } from './store-apart.ts';
import type { SetTimer } from './timer.ts';

const MAX_PAUSE_MS = 60_000;

export interface MetricBufferOptions {
  /** Metrics that wait at most, beside those that are on their way. */
  capacity: number;
  /** Metrics in one request at most. */
  perRequest: number;
  /** How long one waits at most, while the server answers. */
  flushMs: number;
}

export interface MetricBufferDependencies {
  /** Stores metrics, all or none, with retries of its own. */
  send(metrics: readonly Metric[], options: CallOptions): Promise<void>;
  setTimer: SetTimer;
  logger: Logger;
  /** Called when there is nothing left to send or to tell. */
  onSettled(): void;
}

interface Flush {
  /** Of the metrics logged so far, how many have to be settled for it. */
  upTo: number;
  timeoutMs: number | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

interface Waiting {
  metrics: readonly Metric[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * The metrics of one run on their way to the server: in order, one request at a time. They are sent when there are enough
 * for a request, when one has waited for `flushMs`, and when `flush` asks for it.
 *
 * What could not be sent is kept, and is sent first next time: at a flush, or after a pause that doubles with each
 * failure. What the server refuses for good is told by the next flush.
 */
export class MetricBuffer {
  readonly #options: MetricBufferOptions;
  readonly #dependencies: MetricBufferDependencies;
  readonly #lost = new LostMetrics();
  #queue: Metric[] = [];
  /** Calls that wait for room, in order. */
  #overflow: Waiting[] = [];
  #flushes: Flush[] = [];
  /** How many metrics came into the queue, and how many of them are stored or refused. */
  #accepted = 0;
  #settled = 0;
  /** So many of those accepted are to be sent now. */
  #dueUpTo = 0;
  #failuresInARow = 0;
  #lastFailure: unknown;
  /** After a failure, until a flush or the timer: nothing is sent, however full the queue is. */
  #isPaused = false;
  #isSending = false;
  #cancelTimer: (() => void) | undefined;
  /** Ends when nothing is on its way. */
  #way: Promise<unknown> = Promise.resolve();

  constructor(options: MetricBufferOptions, dependencies: MetricBufferDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  /** Of metrics that were logged and are neither stored nor refused. */
  get unsent(): number {
    return this.#logged() - this.#settled;
  }

  get isSettled(): boolean {
    return this.#accepted === this.#settled && this.#overflow.length === 0 && this.#lost.isEmpty;
  }

  /**
   * Resolves when they are in the queue. When it is full and the server can't be reached they are not taken, and it
   * rejects with a `BufferError` that says so.
   */
  async add(metrics: readonly Metric[]): Promise<void> {
    if (this.#overflow.length === 0 && this.#queue.length < this.#options.capacity) {
      this.#accept(metrics);
      this.#wake();
    } else if (this.#isPaused) {
      throw noRoomFor(metrics, this.#lastFailure);
    } else {
      await new Promise<void>((resolve, reject) => {
        this.#overflow.push({ metrics, resolve, reject });
        this.#wake();
      });
    }
  }

  /** Resolves when everything that was added is stored; rejects, with the reason, when it can't be now, or never. */
  async flush(options: CallOptions = {}): Promise<void> {
    await this.#settle(options);
    try {
      this.#lost.tell();
    } finally {
      this.#tellIfSettled();
    }
  }

  /** Does something about the run after everything that was added has been settled, and with nothing else on its way. */
  async after<Result>(work: () => Promise<Result>, options: CallOptions = {}): Promise<Result> {
    await this.#settle(options);
    const { signal } = options;
    const begun = new Promise<{ result: Promise<Result> }>((resolve) => {
      void this.#alone(async () => {
        if (signal?.aborted) return;
        const result = work();
        resolve({ result });
        await result.catch(() => undefined);
      });
    });
    const { result } = await rejectOnAbort(begun, signal, 'waiting for what was on its way');
    return await result;
  }

  #settle({ signal, timeoutMs }: CallOptions): Promise<void> {
    const upTo = this.#logged();
    const settled = new Promise<void>((resolve, reject) => {
      if (this.#settled >= upTo) {
        resolve();
        return;
      }
      this.#flushes.push({ upTo, timeoutMs, resolve, reject });
      this.#dueUpTo = upTo;
      this.#isPaused = false;
      this.#wake();
    });
    return rejectOnAbort(settled, signal, 'waiting for the metrics to be sent');
  }

  #logged(): number {
    return this.#accepted + this.#overflow.reduce((sum, { metrics }) => sum + metrics.length, 0);
  }

  #accept(metrics: readonly Metric[]): void {
    for (const metric of metrics) {
      this.#queue.push(metric);
    }
    this.#accepted += metrics.length;
  }

  #wake(): void {
    if (this.#isSending) {
      return;
    }
    if (this.#isDue()) {
      this.#isSending = true;
      void this.#sendWhatIsDue();
    } else if (this.#queue.length > 0) {
      this.#setTimer();
    } else {
      this.#tellIfSettled();
    }
  }

  #isDue(): boolean {
    const { capacity, perRequest } = this.#options;
    const isEnough = this.#queue.length >= Math.min(capacity, perRequest);
    const isAskedFor = this.#settled < this.#dueUpTo || this.#overflow.length > 0;
    return !this.#isPaused && this.#queue.length > 0 && (isEnough || isAskedFor);
  }

  async #sendWhatIsDue(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#isDue()) {
      await this.#alone(() => this.#sendBatch());
    }
    this.#isSending = false;
    this.#wake();
  }

  async #sendBatch(): Promise<void> {
    const batch = this.#queue.splice(0, this.#options.perRequest);
    this.#admit();
    const timeoutMs = this.#flushes.find((flush) => flush.timeoutMs !== undefined)?.timeoutMs;
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    const { refused, unsent, error } = await storeApart(batch, (part) =>
      this.#dependencies.send(part, options),
    );
    this.#settled += batch.length - unsent.length;
    for (const refusal of refused) {
      this.#lost.add(refusal);
      this.#dependencies.logger.error('The server refuses metrics', {
        count: refusal.metrics.length,
        firstKey: refusal.metrics[0]?.key,
        reason: refusal.error.message,
      });
    }
    this.#queue.unshift(...unsent);
    this.#resolveFlushes();
    if (error === undefined) {
      this.#failuresInARow = 0;
    } else {
      this.#fail(error);
    }
  }

  /** Whoever waits is told; the metrics stay, and a timer sends them again. */
  #fail(error: unknown): void {
    this.#failuresInARow += 1;
    this.#lastFailure = error;
    this.#isPaused = true;
    this.#dueUpTo = 0;
    this.#dependencies.logger.warn('Metrics could not be sent and are kept', {
      count: this.#queue.length,
      reason: error instanceof Error ? error.message : String(error),
    });
    for (const { reject } of this.#flushes.splice(0)) {
      reject(error);
    }
    for (const { metrics, reject } of this.#overflow.splice(0)) {
      reject(noRoomFor(metrics, error));
    }
  }

  #admit(): void {
    let admitted = 0;
    for (const { metrics, resolve } of this.#overflow) {
      if (this.#queue.length >= this.#options.capacity) {
        break;
      }
      this.#accept(metrics);
      resolve();
      admitted += 1;
    }
    // All at once: many calls may wait, and each that is taken out by itself moves all of the others.
    this.#overflow.splice(0, admitted);
  }

  #resolveFlushes(): void {
    const isDone = ({ upTo }: Flush) => upTo <= this.#settled;
    for (const { resolve } of this.#flushes.filter(isDone)) {
      resolve();
    }
    this.#flushes = this.#flushes.filter((flush) => !isDone(flush));
  }

  #setTimer(): void {
    const { flushMs } = this.#options;
    const pauseMs = Math.min(MAX_PAUSE_MS, flushMs * 2 ** this.#failuresInARow);
    this.#cancelTimer ??= this.#dependencies.setTimer(
      () => {
        this.#cancelTimer = undefined;
        this.#dueUpTo = this.#accepted;
        this.#isPaused = false;
        this.#wake();
      },
      Math.max(flushMs, pauseMs),
    );
  }

  #tellIfSettled(): void {
    if (this.isSettled) {
      this.#dependencies.onSettled();
    }
  }

  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#way.then(work);
    this.#way = result.catch(() => undefined);
    return result;
  }
}
