/** Sends what is in the spool, oldest first, for as long as the broker takes it; and tries again where it doesn't. */
import { HokusaiError } from '@hokusai/contracts';
import type { Bus, Logger } from '@hokusai/service-kit';
import type { Timers } from '../timers.ts';
import { announcementMessage } from '../usage-messages.ts';
import type { SpoolAccount } from './directory.ts';
import type { Owner, Segment, SpoolDisk, TakenSegment } from './disk.ts';
import type { SpoolQueue } from './queue.ts';
import type { SpoolMessage } from './records.ts';

export interface DrainOptions {
  /** What is sent, in the log. */
  what: string;
  bus: Pick<Bus, 'publish'>;
  queue: SpoolQueue;
  disk: SpoolDisk | undefined;
  /** Of this process: who speaks for the orphans. */
  incarnation: string;
  timers: Timers;
  logger: Logger;
  /** Of a batch that another attempt is made to send: its end. */
  otherAttempt: (batch: SpoolMessage) => Promise<void> | undefined;
  /** True of a batch of this incarnation that need not be sent any more. */
  isSettled: (batch: SpoolMessage) => boolean;
  /** Told of each batch of this incarnation that the broker has. */
  onDelivered: (batch: SpoolMessage) => void;
  /** Told of each batch of this incarnation that the broker will never take. */
  onDropped: (batch: SpoolMessage) => void;
  /** All is sent that could be. */
  onIdle: () => void;
}

/** Of one file at a time: enough to keep the connection busy. */
const MAX_IN_FLIGHT = 4;
const FIRST_RETRY_MS = 250;
/** At each start the first attempt comes before there is a connection: nobody has to know. */
const TOLD_FAILURES = 2;
const LAST_RETRY_MS = 5000;

export class Drain {
  readonly #options: DrainOptions;
  #failures = 0;
  /** Something came since it was looked for last. */
  #isReady = true;
  #whenReady = () => {};
  #endPause = () => {};
  #isClosed = false;

  constructor(options: DrainOptions) {
    this.#options = options;
    void this.#run();
  }

  /** There may be something to send. */
  ready(): void {
    this.#isReady = true;
    this.#whenReady();
  }

  /** There is reason to try again now. */
  hurry(): void {
    this.#endPause();
    this.ready();
  }

  /** Sends no more; what is under way is not waited for. */
  close(): void {
    this.#isClosed = true;
    this.hurry();
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      this.#isReady = false;
      try {
        if (await this.#sendSome()) this.#succeeded();
        else await this.#untilReady();
      } catch (error) {
        if (!this.#isClosed) await this.#pauseAfter(error);
      }
    }
  }

  /** False if there is nothing to send. Throws if it was in vain. */
  async #sendSome(): Promise<boolean> {
    const { disk, queue } = this.#options;
    const orphan = disk?.emptyOrphan;
    if (orphan) {
      await this.#speakFor(orphan);
      return true;
    }
    const taken = await disk?.take();
    if (taken) await this.#sendFile(taken);
    return taken !== undefined || (await this.#sendFromMemory(queue));
  }

  async #sendFile({ segment, batches }: TakenSegment): Promise<void> {
    const { disk } = this.#options;
    const rest = batches.values();
    const sendRest = async () => {
      for (const batch of rest) await this.#sendOf(segment, batch);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: MAX_IN_FLIGHT }, sendRest));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return await disk?.remove(segment);
    disk?.giveBack(segment);
    throw failed.reason;
  }

  async #sendOf({ owner, sent }: Segment, batch: SpoolMessage): Promise<void> {
    const { otherAttempt, isSettled, onDelivered, onDropped } = this.#options;
    await otherAttempt(batch);
    if (sent.has(batch.id) || (!owner.isOrphan && isSettled(batch))) return;
    const isTaken = await this.#publish(batch);
    sent.add(batch.id);
    if (!owner.isOrphan) (isTaken ? onDelivered : onDropped)(batch);
    else if (!isTaken && owner.account) owner.account.dropped += batch.to - batch.from + 1;
  }

  async #sendFromMemory(queue: SpoolQueue): Promise<boolean> {
    const { otherAttempt, isSettled, onDelivered, onDropped } = this.#options;
    const batch = queue.hand();
    if (!batch) return false;
    try {
      await otherAttempt(batch);
      const isTaken = isSettled(batch) || (await this.#publish(batch));
      queue.settleHand(true);
      (isTaken ? onDelivered : onDropped)(batch);
      return true;
    } catch (error) {
      queue.settleHand(false);
      throw error;
    }
  }

  /** Tells what is known of a process that is gone, also that it ended without a goodbye, and forgets it. */
  async #speakFor(orphan: Owner): Promise<void> {
    if (orphan.account) await this.#announce(orphan, orphan.account);
    await this.#options.disk?.discard(orphan);
  }

  async #announce({ folder, highest }: Owner, account: SpoolAccount): Promise<void> {
    const { bus, incarnation } = this.#options;
    const { gateway, opened_at, closed_at, dropped } = account;
    const assigned = Math.max(account.assigned, highest);
    // One that ended without a goodbye may have numbered more: nobody knows up to where all is settled.
    const counts = { assigned, flushed: closed_at === null ? 0 : assigned, dropped };
    const said = [{ kind: 'left' as const, at: opened_at }];
    const words = closed_at === null ? said : [...said, { kind: 'closed' as const, at: closed_at }];
    for (const { kind, at } of words) {
      const content = { announcement: `${kind}:${incarnation}`, kind, ...counts, at: new Date(at) };
      const message = announcementMessage({ incarnation: folder.incarnation, gateway }, content);
      await bus.publish(message.subject, message.payload, message.id);
    }
  }

  /** False if the broker will never take it. */
  async #publish({ subject, payload, id, traceparents }: SpoolMessage): Promise<boolean> {
    if (this.#isClosed) throw new HokusaiError('unavailable', 'the gateway ends');
    try {
      await this.#options.bus.publish(subject, payload, id, traceparents);
      return true;
    } catch (error) {
      if (isNeverTaken(error)) return false;
      throw error;
    }
  }

  #succeeded(): void {
    if (this.#failures >= TOLD_FAILURES)
      this.#options.logger.info(`sending ${this.#options.what} that waits works again`);
    this.#failures = 0;
  }

  #pauseAfter(error: unknown): Promise<void> {
    const { what, logger, timers } = this.#options;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LAST_RETRY_MS);
    this.#failures += 1;
    if (this.#failures === TOLD_FAILURES)
      logger.warn({ err: error }, `sending ${what} that waits fails; trying again`);
    return new Promise((resolve) => {
      const cancel = timers.after(delayMs, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  async #untilReady(): Promise<void> {
    this.#options.onIdle();
    if (this.#isReady) return;
    await new Promise<void>((resolve) => {
      this.#whenReady = resolve;
    });
  }
}

/** The broker takes no message of that size, however often it is tried. */
export function isNeverTaken(error: unknown): boolean {
  return error instanceof HokusaiError && error.code === 'invalid_request';
}
