/** Publishes messages in the background until each is acknowledged, however long the broker is away. */
import type { Bus, Logger } from '@hokusai/service-kit';
import type { MemoryBuffer, OutgoingMessage } from './message-buffer.ts';
import type { Timers } from './timers.ts';

export interface PublisherOptions<Message extends OutgoingMessage> {
  bus: Pick<Bus, 'publish'>;
  buffer: MemoryBuffer<Message>;
  timers: Timers;
  logger: Logger;
  /** Told once of each message that is given up; the broker may have it all the same. */
  onDropped: (message: Message) => void;
}

/** Enough to keep the connection busy; few, so that an outage has few time-outs to wait for. */
const MAX_IN_FLIGHT = 4;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

export class Publisher<Message extends OutgoingMessage> {
  readonly #options: PublisherOptions<Message>;
  #inFlight = 0;
  /** Failures in a row. */
  #failures = 0;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #whenEmpty = () => {};

  constructor(options: PublisherOptions<Message>) {
    this.#options = options;
  }

  /** Takes a message over; never waits. What the buffer drops for it is given up. */
  send(message: Message): void {
    const dropped = this.#closed ? [message] : this.#options.buffer.add(message);
    for (const one of dropped) this.#options.onDropped(one);
    this.#pump();
  }

  /** Waits until everything is acknowledged, at most `limitMs`; gives up the rest. */
  async close(limitMs: number): Promise<void> {
    const { buffer, timers, onDropped } = this.#options;
    await new Promise<void>((resolve) => {
      const cancelLimit = timers.after(limitMs, resolve);
      this.#whenEmpty = () => {
        if (buffer.size > 0) return;
        cancelLimit();
        resolve();
      };
      this.#retryNow();
      this.#whenEmpty();
    });
    this.#closed = true;
    this.#cancelRetry?.();
    for (const message of buffer.clear()) onDropped(message);
  }

  #pump(): void {
    while (!this.#closed && !this.#cancelRetry && this.#inFlight < MAX_IN_FLIGHT) {
      const message = this.#options.buffer.next();
      if (!message) return;
      void this.#attempt(message);
    }
  }

  async #attempt(message: Message): Promise<void> {
    const { bus, buffer, logger } = this.#options;
    this.#inFlight += 1;
    try {
      await bus.publish(message.subject, message.payload, message.id, message.traceparents);
      this.#inFlight -= 1;
      if (this.#closed) return;
      if (this.#failures > 0) logger.info({ waiting: buffer.size }, 'publishing events works again');
      this.#failures = 0;
      buffer.remove(message);
      this.#whenEmpty();
      this.#pump();
    } catch (error) {
      this.#inFlight -= 1;
      if (this.#closed) return;
      buffer.giveBack(message);
      this.#retryLater(error);
    }
  }

  #retryLater(error: unknown): void {
    const { logger, timers, buffer } = this.#options;
    if (this.#cancelRetry) return;
    if (this.#failures === 0) logger.warn({ err: error, waiting: buffer.size }, 'publishing events failed');
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LAST_RETRY_MS);
    this.#failures += 1;
    this.#cancelRetry = timers.after(delayMs, () => this.#retryNow());
  }

  #retryNow(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#pump();
  }
}
