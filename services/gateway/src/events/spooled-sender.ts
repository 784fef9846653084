/**
 * Gets batches to the broker. Each is tried at once; what the broker doesn't take, or not soon, goes to the
 * spool, from where it is sent when the broker is back, by this process or a later one.
 */
import type { Bus, Logger } from '@hokusai/service-kit';
import type { SpoolAccount, SpoolDirectory } from './spool/directory.ts';
import { SpoolDisk } from './spool/disk.ts';
import { Drain, isNeverTaken } from './spool/drain.ts';
import { SpoolQueue } from './spool/queue.ts';
import type { SpoolMessage } from './spool/records.ts';
import type { Timers } from './timers.ts';

export interface Spool {
  directory: SpoolDirectory;
  /** Of one process's messages and those of orphans that it has taken over. */
  maxBytes: number;
}

export interface SpooledSenderOptions {
  /** What is sent, in the log: `usage`. */
  what: string;
  bus: Pick<Bus, 'publish'>;
  incarnation: string;
  /** Of this incarnation, as it begins; absent where nobody need speak for it. */
  account: SpoolAccount | undefined;
  /** Without it batches wait in memory. */
  spool: Spool | undefined;
  /** A batch that the broker has not taken for so long goes to the spool. */
  patienceMs: number;
  /** Events that wait in memory where they can't be written. */
  maxWaiting: number;
  timers: Timers;
  logger: Logger;
  isSettled: (batch: SpoolMessage) => boolean;
  /** The stream has it. May be told more than once. */
  onAcknowledged: (batch: SpoolMessage) => void;
  /** It is given up; the broker may have it all the same. */
  onDropped: (batch: SpoolMessage) => void;
}

/** Enough to keep the connection busy; few, so that an outage has few time-outs to wait for. */
const MAX_IN_FLIGHT = 4;
/** No disk takes that long at the end of a process, unless it hangs. */
const LAST_WRITE_MS = 2000;

/** One that was not acknowledged and is not in the spool. */
interface FirstTry {
  batch: SpoolMessage;
  isUnderWay: boolean;
  cancel: () => void;
}

export class SpooledSender {
  readonly #options: SpooledSenderOptions;
  readonly #disk: SpoolDisk | undefined;
  readonly #queue: SpoolQueue;
  readonly #drain: Drain;
  /** The oldest first. */
  readonly #tries = new Map<SpoolMessage, FirstTry>();
  #inFlight = 0;
  /** Attempts that go on though their batch is in the spool by now, by its id. */
  readonly #overdue = new Map<string, PromiseWithResolvers<void>>();
  #isClosed = false;
  #whenIdle = () => {};

  constructor(options: SpooledSenderOptions) {
    const { what, bus, incarnation, account, spool, maxWaiting, timers, logger, isSettled } = options;
    this.#options = options;
    const onDropped = (batch: SpoolMessage) => {
      if (!isSettled(batch)) options.onDropped(batch);
    };
    this.#disk = spool && new SpoolDisk({ ...spool, what, incarnation, account, logger, onDropped });
    const disk = this.#disk;
    const onReady = () => this.#drain.ready();
    this.#queue = new SpoolQueue({ what, disk, maxWaiting, timers, logger, onDropped, onReady });
    this.#drain = new Drain({
      what,
      bus,
      queue: this.#queue,
      disk,
      incarnation,
      timers,
      logger,
      otherAttempt: ({ id }) => this.#overdue.get(id)?.promise,
      isSettled,
      onDelivered: (batch) => this.#acknowledged(batch),
      onDropped,
      onIdle: () => this.#whenIdle(),
    });
  }

  /** What waits on the disk. */
  get spoolBytes(): number {
    return this.#disk?.bytes ?? 0;
  }

  /** Takes a batch over; never waits. */
  send(batch: SpoolMessage): void {
    const { timers, patienceMs } = this.#options;
    // The broker hangs: only a disk is safer than memory, and then the sooner the better.
    if (this.#overdue.size > 0 && this.#disk?.isOpen) {
      this.#queue.add(batch);
      return;
    }
    const cancel = timers.after(patienceMs, () => this.#toSpool(batch));
    this.#tries.set(batch, { batch, isUnderWay: false, cancel });
    this.#pump();
  }

  /** Waits until everything is acknowledged, at most `limitMs`; leaves the rest to the next process, or gives it up. */
  async close(limitMs: number): Promise<void> {
    const { timers, onDropped } = this.#options;
    await new Promise<void>((resolve) => {
      const cancelLimit = timers.after(limitMs, resolve);
      this.#whenIdle = () => {
        if (this.#tries.size + this.#queue.size > 0) return;
        cancelLimit();
        resolve();
      };
      this.#drain.hurry();
      this.#whenIdle();
    });
    this.#isClosed = true;
    this.#drain.close();
    for (const batch of [...this.#tries.keys()]) this.#toSpool(batch);
    await this.#within(LAST_WRITE_MS, this.#queue.close());
    for (const batch of this.#queue.leftovers) onDropped(batch);
  }

  /** After `close`: what is to be said of this incarnation, unless that is said already. */
  async leave(account: SpoolAccount | undefined, isSaid: boolean): Promise<void> {
    if (this.#disk) await this.#within(LAST_WRITE_MS, this.#disk.close(account, isSaid));
  }

  #pump(): void {
    for (const attempt of this.#tries.values()) {
      if (this.#isClosed || this.#inFlight >= MAX_IN_FLIGHT) return;
      if (!attempt.isUnderWay) void this.#try(attempt);
    }
  }

  async #try(attempt: FirstTry): Promise<void> {
    const { bus, onDropped } = this.#options;
    const { batch } = attempt;
    attempt.isUnderWay = true;
    this.#inFlight += 1;
    try {
      await bus.publish(batch.subject, batch.payload, batch.id, batch.traceparents);
      this.#acknowledged(batch);
      this.#drain.hurry();
    } catch (error) {
      attempt.isUnderWay = false;
      if (!isNeverTaken(error)) this.#toSpool(batch);
      else if (this.#forget(batch)) onDropped(batch);
    }
    this.#inFlight -= 1;
    this.#overdue.get(batch.id)?.resolve();
    this.#overdue.delete(batch.id);
    this.#pump();
  }

  #acknowledged(batch: SpoolMessage): void {
    this.#forget(batch);
    if (this.#isClosed) return;
    this.#options.onAcknowledged(batch);
    this.#whenIdle();
  }

  #toSpool(batch: SpoolMessage): void {
    const attempt = this.#forget(batch);
    if (!attempt) return;
    if (attempt.isUnderWay) this.#overdue.set(batch.id, Promise.withResolvers());
    this.#queue.add(batch);
  }

  #forget(batch: SpoolMessage): FirstTry | undefined {
    const attempt = this.#tries.get(batch);
    attempt?.cancel();
    this.#tries.delete(batch);
    return attempt;
  }

  /** Whatever becomes of it, or after `limitMs`. */
  #within(limitMs: number, work: Promise<void>): Promise<void> {
    const { what, timers, logger } = this.#options;
    return new Promise((resolve) => {
      const cancel = timers.after(limitMs, resolve);
      const end = () => {
        cancel();
        resolve();
      };
      work.then(end, (error: unknown) => {
        logger.warn({ err: error }, `the spool of ${what} could not be closed`);
        end();
      });
    });
  }
}
