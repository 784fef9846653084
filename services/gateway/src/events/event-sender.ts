/** Events that this gateway tells one by one, each published until it is acknowledged. */
import { cloudEvent } from '@hokusai/contracts';
import type { Bus, Clock, Logger } from '@hokusai/service-kit';
import { MemoryBuffer, type OutgoingMessage } from './message-buffer.ts';
import { Publisher } from './publisher.ts';
import type { Timers } from './timers.ts';

export interface EventSenderOptions {
  bus: Pick<Bus, 'publish'>;
  /** Name of this gateway, shown to people. */
  gateway: string;
  randomUuid: () => string;
  clock: Clock;
  timers: Timers;
  logger: Logger;
}

/** While the broker is away; some 5 MB. */
const MAX_BUFFERED_EVENTS = 5000;

export class EventSender<Data> {
  readonly #options: EventSenderOptions;
  readonly #subject: string;
  readonly #publisher: Publisher<OutgoingMessage>;

  /** `onDropped` is told of each event that is given up. */
  constructor(options: EventSenderOptions, subject: string, onDropped: () => void) {
    const { bus, timers, logger } = options;
    this.#options = options;
    this.#subject = subject;
    const buffer = new MemoryBuffer<OutgoingMessage>(MAX_BUFFERED_EVENTS);
    this.#publisher = new Publisher({ bus, timers, logger, buffer, onDropped });
  }

  /** `dataAt` makes what the event says from its time. Never waits. */
  send(dataAt: (time: Date) => Data): void {
    const { gateway, randomUuid, clock } = this.#options;
    const subject = this.#subject;
    const id = randomUuid();
    const source = `/hokusai/gateway/${gateway.slice(0, 128)}`;
    const time = new Date(clock.now());
    const event = cloudEvent({ id, source, subject, time, data: dataAt(time) });
    this.#publisher.send({ subject, id, payload: Buffer.from(JSON.stringify(event)), weight: 1 });
  }

  /** Gives up what the broker has not acknowledged in `limitMs`. */
  close(limitMs: number): Promise<void> {
    return this.#publisher.close(limitMs);
  }
}
