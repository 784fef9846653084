/**
 * Numbers finished requests and publishes them in batches, in the background. What it assigned, what the
 * broker has acknowledged and what it had to drop is announced, so that nothing can go missing unseen.
 */
import type { GatewayAnnouncement, UsageRequest } from '@hokusai/contracts';
import type { Bus, Clock, Logger } from '@hokusai/service-kit';
import type { ObservedClient, UsageRecorder } from '../domain/ports.ts';
import { Announcer } from './announcer.ts';
import { RefusalCounts, type TakenRefusals } from './refusal-counts.ts';
import { SettledNumbers } from './settled-numbers.ts';
import type { SpoolAccount } from './spool/directory.ts';
import type { SpoolMessage } from './spool/records.ts';
import { type Spool, SpooledSender } from './spooled-sender.ts';
import type { Timers } from './timers.ts';
import { batchMessage, boundedRequest, type Incarnation } from './usage-messages.ts';

export interface UsageRecorderOptions extends Incarnation {
  bus: Pick<Bus, 'publish'>;
  /** A batch is sent when its first request has waited this long, … */
  flushMs: number;
  /** … or when it holds so many requests; at most 500, so that it fits into one message. */
  flushEvents: number;
  clock: Clock;
  timers: Timers;
  logger: Logger;
  /** Where batches wait for the broker, also past the end of this process; in memory only if absent. */
  spool?: Spool | undefined;
  /** Requests that wait in memory for lack of a spool; 20,000 if absent. */
  maxWaiting?: number;
}

export type UsageCounts = Pick<GatewayAnnouncement, 'assigned' | 'flushed' | 'dropped'>;

export interface RunningUsageRecorder extends UsageRecorder {
  counts(): UsageCounts;
  /** What waits on the disk, orphans that were taken over included. */
  spoolBytes(): number;
  /**
   * Sends what is left and says goodbye. What the broker has not acknowledged in `limitMs` is left in the
   * spool for the next process, or given up.
   */
  close(limitMs: number): Promise<void>;
}

/** 500 requests with every value at its bound stay well under the broker's limit of 1 MiB for a message. */
const MAX_BATCH_EVENTS = 500;
/** Some 12 MB, or a minute of outage at 300 requests a second. */
const MAX_WAITING_EVENTS = 20_000;
/**
 * Of one batch so many traced requests are named to whoever stores it: enough to see what becomes of usage, where a batch
 * holds hundreds of requests that would all show the same.
 */
const MAX_TRACED = 4;
const TICK_MS = 1000;
const NO_REFUSALS: TakenRefusals = { refusals: [], observed: [] };

/** Starts recording: the incarnation announces itself at once. */
export function createUsageRecorder(options: UsageRecorderOptions): RunningUsageRecorder {
  return new BatchingRecorder(options);
}

class BatchingRecorder implements RunningUsageRecorder {
  readonly #options: UsageRecorderOptions;
  readonly #self: Incarnation;
  readonly #sender: SpooledSender;
  readonly #announcer: Announcer;
  readonly #settled = new SettledNumbers();
  readonly #refusals = new RefusalCounts();
  readonly #batchSize: number;
  readonly #openedAt: string;
  #batch: UsageRequest[] = [];
  #traced: string[] = [];
  #batches = 0;
  #assigned = 0;
  #dropped = 0;
  #droppedInLog = 0;
  #cancelFlush: (() => void) | undefined;
  #cancelTick = () => {};
  #closed = false;

  constructor(options: UsageRecorderOptions) {
    const { bus, timers, logger, clock, incarnation, gateway } = options;
    this.#options = options;
    this.#self = { incarnation, gateway: gateway.slice(0, 128) };
    this.#batchSize = Math.min(options.flushEvents, MAX_BATCH_EVENTS);
    this.#openedAt = new Date(clock.now()).toISOString();
    this.#sender = new SpooledSender({
      what: 'usage',
      bus,
      incarnation,
      account: this.#account(null),
      spool: options.spool,
      patienceMs: options.flushMs,
      maxWaiting: options.maxWaiting ?? MAX_WAITING_EVENTS,
      timers,
      logger,
      isSettled: (range) => this.#settled.has(range),
      onAcknowledged: (range) => this.#settled.add(range),
      onDropped: (batch) => this.#drop(batch),
    });
    this.#announcer = new Announcer({
      bus,
      clock,
      timers,
      self: this.#self,
      counts: () => this.counts(),
    });
    this.#tick();
  }

  counts(): UsageCounts {
    return { assigned: this.#assigned, flushed: this.#settled.upTo, dropped: this.#dropped };
  }

  spoolBytes(): number {
    return this.#sender.spoolBytes;
  }

  request(usage: Omit<UsageRequest, 'sequence'>, traceparent?: string): void {
    if (this.#closed) return;
    if (traceparent !== undefined && this.#traced.length < MAX_TRACED) this.#traced.push(traceparent);
    this.#assigned += 1;
    this.#batch.push(boundedRequest(usage, this.#assigned));
    if (this.#batch.length >= this.#batchSize) this.#flush();
    else this.#cancelFlush ??= this.#options.timers.after(this.#options.flushMs, () => this.#flush());
  }

  anonymousRefusal(reason: string, clientIp: string): void {
    this.#refusals.add(reason, clientIp, this.#options.clock.now());
  }

  observedRefusal(reason: string, client: ObservedClient): void {
    this.#refusals.observe(reason, client, this.#options.clock.now());
  }

  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    this.#cancelTick();
    this.#flush(this.#refusals.takeChanged());
    // The goodbye has its share of the time: it tells what is missing if the rest could not be sent.
    await this.#sender.close(limitMs / 2);
    this.#reportDropped();
    const isSaid = await this.#announcer.close(limitMs / 2);
    await this.#sender.leave(this.#account(new Date(this.#options.clock.now())), isSaid);
  }

  #account(closedAt: Date | null): SpoolAccount {
    const { assigned, dropped } = this.counts();
    const opened_at = this.#openedAt;
    return {
      gateway: this.#self.gateway,
      opened_at,
      closed_at: closedAt?.toISOString() ?? null,
      assigned,
      dropped,
    };
  }

  #tick(): void {
    this.#cancelTick = this.#options.timers.after(TICK_MS, () => this.#tick());
    const refusals = this.#refusals.takeChanged();
    if (refusals.refusals.length + refusals.observed.length > 0) this.#flush(refusals);
    this.#announcer.tick();
    this.#reportDropped();
  }

  #flush({ refusals, observed }: TakenRefusals = NO_REFUSALS): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const requests = this.#batch;
    if (requests.length + refusals.length + observed.length === 0) return;
    const traceparents = this.#traced;
    this.#batch = [];
    this.#traced = [];
    this.#batches += 1;
    const from = this.#assigned - requests.length + 1;
    const time = new Date(this.#options.clock.now());
    const content = { batch: this.#batches, from, requests, refusals, observed, time, traceparents };
    this.#sender.send(batchMessage(this.#self, content));
  }

  #drop({ from, to }: SpoolMessage): void {
    this.#dropped += to - from + 1;
    this.#settled.add({ from, to });
  }

  #reportDropped(): void {
    if (this.#dropped === this.#droppedInLog) return;
    this.#droppedInLog = this.#dropped;
    this.#options.logger.error(
      { ...this.counts() },
      'usage events were dropped: the broker is away too long',
    );
  }
}
