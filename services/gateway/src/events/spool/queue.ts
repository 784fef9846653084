/**
 * Batches that the broker has not taken, until it does: in memory, and from there on the disk as soon as it
 * has them. Where there is no disk, or it fails, they stay in memory.
 */
import type { Logger } from '@hokusai/service-kit';
import type { Timers } from '../timers.ts';
import type { SpoolDisk } from './disk.ts';
import type { SpoolMessage } from './records.ts';

export interface SpoolQueueOptions {
  /** What waits, in the log. */
  what: string;
  disk: SpoolDisk | undefined;
  /** Events in memory; the oldest give way. */
  maxWaiting: number;
  timers: Timers;
  logger: Logger;
  onDropped: (batch: SpoolMessage) => void;
  /** There may be something new to send. */
  onReady: () => void;
}

/** How often the disk is tried again, and orphans are looked for. */
const LOOK_MS = 30_000;
const RETRY_MS = 5000;

export class SpoolQueue {
  readonly #options: SpoolQueueOptions;
  #waiting: SpoolMessage[] = [];
  #weight = 0;
  /** The oldest one that waits, while it is being sent from memory. */
  #inHand: SpoolMessage | undefined;
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();
  /** It is of no use to try now. */
  #isFailing = false;
  /** The last time that something was written, and that is said. */
  #hasFailed = false;
  #wasRefused = false;
  #looking: Promise<void> = Promise.resolve();
  #cancelLook = () => {};
  #cancelRetry = () => {};
  #isClosed = false;

  constructor(options: SpoolQueueOptions) {
    this.#options = options;
    if (options.disk) this.#looking = this.#look();
  }

  /** Batches of this incarnation that wait in memory, and files of them. */
  get size(): number {
    return this.#waiting.length + (this.#options.disk?.ownSegments ?? 0) + (this.#isWriting ? 1 : 0);
  }

  /** Takes a batch over; never waits. */
  add(batch: SpoolMessage): void {
    this.#waiting.push(batch);
    this.#weight += batch.weight;
    while (this.#weight > this.#options.maxWaiting && this.#dropOldest());
    this.#write();
    this.#options.onReady();
  }

  /** The oldest batch that is to be sent from memory, since it can't be written. */
  hand(): SpoolMessage | undefined {
    this.#inHand = this.#canWrite || this.#isWriting ? undefined : this.#waiting[0];
    return this.#inHand;
  }

  /** What `hand` gave is sent, or was in vain. */
  settleHand(isSent: boolean): void {
    const index = this.#inHand ? this.#waiting.indexOf(this.#inHand) : -1;
    if (isSent && index !== -1) this.#removeAt(index);
    this.#inHand = undefined;
  }

  /** Writes what waits, also if that failed before. Nothing is added after that. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLook();
    this.#cancelRetry();
    await this.#looking;
    await this.#written;
    if (this.#options.disk?.isOpen) await this.#writeAll();
  }

  /** What could not be written. */
  get leftovers(): readonly SpoolMessage[] {
    return this.#waiting;
  }

  get #canWrite(): boolean {
    return this.#options.disk?.isOpen === true && !this.#isFailing;
  }

  #write(): void {
    if (this.#isWriting || this.#isClosed || !this.#canWrite) return;
    this.#isWriting = true;
    this.#written = this.#writeAll().finally(() => {
      this.#isWriting = false;
      this.#options.onReady();
    });
  }

  async #writeAll(): Promise<void> {
    const { what, disk, logger, onReady } = this.#options;
    while (disk && this.#waiting.length > 0) {
      const group = this.#takeGroup(disk.segmentBytes);
      try {
        await disk.append(group);
      } catch (error) {
        this.#putBack(group);
        return this.#fail(error);
      }
      if (this.#hasFailed) logger.info(`${what} can be written to USAGE_SPOOL_DIR again`);
      this.#hasFailed = false;
      onReady();
    }
  }

  #fail(error: unknown): void {
    const { what, logger, timers } = this.#options;
    if (!this.#hasFailed)
      logger.error({ err: error }, `${what} can not be written to USAGE_SPOOL_DIR: waiting in memory`);
    this.#hasFailed = true;
    if (this.#isClosed) return;
    this.#isFailing = true;
    this.#cancelRetry = timers.after(RETRY_MS, () => {
      this.#isFailing = false;
      this.#write();
    });
  }

  /** Opens the disk if that has not been done, and adopts orphans; again and again. */
  async #look(): Promise<void> {
    const { what, disk, timers, logger } = this.#options;
    try {
      if (!disk?.isOpen) await disk?.open();
      await disk?.adopt();
      if (this.#wasRefused) logger.info(`USAGE_SPOOL_DIR can be used again for ${what}`);
      this.#wasRefused = false;
    } catch (error) {
      if (!this.#wasRefused)
        logger.error(
          { err: error },
          `USAGE_SPOOL_DIR can not be used: without NATS ${what} will wait in memory`,
        );
      this.#wasRefused = true;
    }
    if (this.#isClosed) return;
    this.#write();
    this.#options.onReady();
    this.#cancelLook = timers.after(LOOK_MS, () => {
      this.#looking = this.#look();
    });
  }

  #takeGroup(maxBytes: number): SpoolMessage[] {
    let bytes = 0;
    let count = 0;
    for (const { payload } of this.#waiting) {
      bytes += payload.length;
      if (count > 0 && bytes > maxBytes) break;
      count += 1;
    }
    const group = this.#waiting.splice(0, count);
    for (const { weight } of group) this.#weight -= weight;
    return group;
  }

  #putBack(group: SpoolMessage[]): void {
    this.#waiting.unshift(...group);
    for (const { weight } of group) this.#weight += weight;
  }

  /** False if there is nothing that may be dropped. */
  #dropOldest(): boolean {
    const index = this.#waiting.findIndex((one) => one !== this.#inHand);
    if (index === -1) return false;
    const [oldest] = this.#waiting.slice(index, index + 1) as [SpoolMessage];
    this.#removeAt(index);
    this.#options.onDropped(oldest);
    return true;
  }

  #removeAt(index: number): void {
    const [removed] = this.#waiting.splice(index, 1) as [SpoolMessage];
    this.#weight -= removed.weight;
  }
}
