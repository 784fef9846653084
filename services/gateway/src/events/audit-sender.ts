/**
 * This gateway's audit events, each on disk as soon as it is there, until the broker has it: neither an outage nor
 * `kill -9` loses what was written, and a later process sends it. Without a disk they wait in memory.
 */
import { type AuditEvent, auditSubject, cloudEvent } from '@hokusai/contracts';
import type { Bus, Clock, Logger } from '@hokusai/service-kit';
import { type Spool, SpooledSender } from './spooled-sender.ts';
import type { Timers } from './timers.ts';

export interface AuditSenderOptions {
  bus: Pick<Bus, 'publish'>;
  /** uuid of this process. */
  incarnation: string;
  /** Name of this gateway, shown to people. */
  gateway: string;
  /** In memory only if absent. */
  spool?: Spool | undefined;
  randomUuid: () => string;
  clock: Clock;
  timers: Timers;
  logger: Logger;
}

/** Where there is no disk; some 5 MB. */
const MAX_WAITING_EVENTS = 5000;
/** Of so many the acknowledgement is remembered, so that what was written meanwhile is not sent again. */
const MAX_REMEMBERED = 1000;

export class AuditSender {
  readonly #options: AuditSenderOptions;
  readonly #sender: SpooledSender;
  readonly #acknowledged = new Set<string>();
  #dropped = 0;

  constructor(options: AuditSenderOptions) {
    const { bus, incarnation, spool, timers, logger } = options;
    this.#options = options;
    this.#sender = new SpooledSender({
      what: 'audit events',
      ...{ bus, incarnation, spool, timers, logger },
      account: undefined,
      patienceMs: 0,
      maxWaiting: MAX_WAITING_EVENTS,
      isSettled: ({ id }) => this.#acknowledged.has(id),
      onAcknowledged: ({ id }) => this.#remember(id),
      onDropped: () => this.#reportDropped(),
    });
  }

  get spoolBytes(): number {
    return this.#sender.spoolBytes;
  }

  /** `dataAt` makes what the event says from its time; `traceparent` is that of the request behind it. Never waits. */
  send(dataAt: (time: Date) => AuditEvent, traceparent?: string): void {
    const { gateway, randomUuid, clock } = this.#options;
    const time = new Date(clock.now());
    const data = dataAt(time);
    const id = randomUuid();
    const subject = auditSubject('gateway', data.action);
    const event = cloudEvent({
      id,
      source: `/hokusai/gateway/${gateway.slice(0, 128)}`,
      subject,
      time,
      data,
      traceparent,
    });
    const payload = Buffer.from(JSON.stringify(event));
    // It has no requests of the numbering of usage in it.
    const traceparents = traceparent === undefined ? [] : [traceparent];
    this.#sender.send({ subject, id, payload, weight: 1, from: 1, to: 0, traceparents });
  }

  /** What the broker has not acknowledged in `limitMs` is left on disk to the next process, or given up. */
  async close(limitMs: number): Promise<void> {
    await this.#sender.close(limitMs);
    await this.#sender.leave(undefined, true);
  }

  #remember(id: string): void {
    this.#acknowledged.add(id);
    const [oldest] = this.#acknowledged;
    if (this.#acknowledged.size > MAX_REMEMBERED && oldest !== undefined) this.#acknowledged.delete(oldest);
  }

  /** Logged at powers of two: often enough to see, too seldom to flood the log. */
  #reportDropped(): void {
    this.#dropped += 1;
    if (Number.isInteger(Math.log2(this.#dropped)))
      this.#options.logger.error({ dropped: this.#dropped }, 'audit events were dropped');
  }
}
