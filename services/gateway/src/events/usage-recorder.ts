/**
 * Numbers finished requests and publishes them in batches, in the background. What it assigned, what the
 * broker has acknowledged and what it had to drop is announced, so that nothing can go missing unseen.
 */
import type { GatewayAnnouncement, UsageRequest } from '@hokusai/contracts';
import type { Bus, Clock, Logger } from '@hokusai/service-kit';
import type { UsageRecorder } from '../domain/ports.ts';
import { Announcer } from './announcer.ts';
import { MemoryBuffer, type MessageBuffer } from './message-buffer.ts';
import { Publisher } from './publisher.ts';
import { RefusalCounts } from './refusal-counts.ts';
import type { Timers } from './timers.ts';
import { type BatchMessage, batchMessage, boundedRequest, type Incarnation } from './usage-messages.ts';

export interface UsageRecorderOptions extends Incarnation {
  bus: Pick<Bus, 'publish'>;
  /** A batch is sent when its first request has waited this long, … */
  flushMs: number;
  /** … or when it holds so many requests; at most 500, so that it fits into one message. */
  flushEvents: number;
  clock: Clock;
  timers: Timers;
  logger: Logger;
  /** Where batches wait for their acknowledgement; a bounded one in memory if absent. */
  buffer?: MessageBuffer<BatchMessage>;
}

export type UsageCounts = Pick<GatewayAnnouncement, 'assigned' | 'flushed' | 'dropped'>;

export interface RunningUsageRecorder extends UsageRecorder {
  counts(): UsageCounts;
  /** Sends what is left, says goodbye, and gives up what the broker has not acknowledged in `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** 500 requests with every value at its bound stay well under the broker's limit of 1 MiB for a message. */
const MAX_BATCH_EVENTS = 500;
/** Some 12 MB, or a minute of outage at 300 requests a second. */
const MAX_BUFFERED_EVENTS = 20_000;
const TICK_MS = 1000;

/** Starts recording: the incarnation announces itself at once. */
export function createUsageRecorder(options: UsageRecorderOptions): RunningUsageRecorder {
  return new BatchingRecorder(options);
}

class BatchingRecorder implements RunningUsageRecorder {
  readonly #options: UsageRecorderOptions;
  readonly #self: Incarnation;
  readonly #publisher: Publisher<BatchMessage>;
  readonly #announcer: Announcer;
  readonly #settled = new SettledNumbers();
  readonly #refusals = new RefusalCounts();
  readonly #batchSize: number;
  #batch: UsageRequest[] = [];
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
    this.#publisher = new Publisher({
      bus,
      timers,
      logger,
      buffer: options.buffer ?? new MemoryBuffer(MAX_BUFFERED_EVENTS),
      onAcknowledged: ({ from, to }) => this.#settled.add(from, to),
      onDropped: (message) => this.#drop(message),
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

  request(usage: Omit<UsageRequest, 'sequence'>): void {
    if (this.#closed) return;
    this.#assigned += 1;
    this.#batch.push(boundedRequest(usage, this.#assigned));
    if (this.#batch.length >= this.#batchSize) this.#flush([]);
    else this.#cancelFlush ??= this.#options.timers.after(this.#options.flushMs, () => this.#flush([]));
  }

  anonymousRefusal(reason: string, clientIp: string): void {
    this.#refusals.add(reason, clientIp, this.#options.clock.now());
  }

  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    this.#cancelTick();
    this.#flush(this.#refusals.takeChanged());
    // The goodbye has its share of the time: it tells what is missing if the rest could not be sent.
    await this.#publisher.close(limitMs / 2);
    this.#reportDropped();
    await this.#announcer.close(limitMs / 2);
  }

  #tick(): void {
    this.#cancelTick = this.#options.timers.after(TICK_MS, () => this.#tick());
    const refusals = this.#refusals.takeChanged();
    if (refusals.length > 0) this.#flush(refusals);
    this.#announcer.tick();
    this.#reportDropped();
  }

  #flush(refusals: ReturnType<RefusalCounts['takeChanged']>): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const requests = this.#batch;
    if (requests.length + refusals.length === 0) return;
    this.#batch = [];
    this.#batches += 1;
    const from = this.#assigned - requests.length + 1;
    const time = new Date(this.#options.clock.now());
    const content = { batch: this.#batches, from, requests, refusals, time };
    this.#publisher.send(batchMessage(this.#self, content));
  }

  #drop({ from, to }: BatchMessage): void {
    this.#dropped += to - from + 1;
    this.#settled.add(from, to);
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

/** Ranges of numbers that arrive in any order; each exactly once. */
class SettledNumbers {
  /** All numbers up to this one are settled. */
  upTo = 0;
  /** Ranges above a number that is not settled, by their first number. */
  readonly #ahead = new Map<number, number>();

  add(from: number, to: number): void {
    if (to < from) return;
    this.#ahead.set(from, to);
    for (let next = this.#ahead.get(this.upTo + 1); next; next = this.#ahead.get(this.upTo + 1)) {
      this.#ahead.delete(this.upTo + 1);
      this.upTo = next;
    }
  }
}
