/**
 * Holds one follow stream, to any replica of the keys service, and opens it anew when it ends: it
 * continues where the last look at the change log ended, so that no change is missed in between.
 */
import type { Logger } from '@hokusai/service-kit';
import type { Trust } from '../domain/trust.ts';
import { type FollowObserver, type FollowSettings, FollowStream, type StateHolder } from './follow-stream.ts';
import type { KeyValidationClient } from './keys-client.ts';

export interface FollowClientOptions {
  client: KeyValidationClient;
  trust: Trust;
  states: StateHolder;
  settings: FollowSettings;
  /** Uniform in [0, 1): spreads the reconnections of many gateways. */
  random: () => number;
  logger: Logger;
}

export interface FollowCounts {
  /** Streams that were opened. */
  streams: number;
  /** Changes that were heard of, repetitions included. */
  changes: number;
  /** Times that all states had to be distrusted. */
  resets: number;
}

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2000;

export class FollowClient {
  readonly counts: FollowCounts = { streams: 0, changes: 0, resets: 0 };
  readonly #options: FollowClientOptions;
  #stream: FollowStream | undefined;
  #reconnection: NodeJS.Timeout | undefined;
  #failures = 0;
  #isWorking = false;

  constructor(options: FollowClientOptions) {
    this.#options = options;
  }

  /** Opens the stream; returns at once. */
  start(): void {
    const { client, trust, states, settings } = this.#options;
    this.counts.streams += 1;
    this.#stream = new FollowStream(client, trust, states, settings, this.#observer());
  }

  /** Says goodbye, in at most `limitMs`. From the call on nothing is trusted. */
  async close(limitMs: number): Promise<void> {
    clearTimeout(this.#reconnection);
    this.#options.trust.stop();
    await this.#stream?.leave(limitMs);
  }

  #observer(): FollowObserver {
    const { logger } = this.#options;
    return {
      onEcho: () => {
        if (!this.#isWorking) logger.info('following the changes of keys');
        this.#isWorking = true;
        this.#failures = 0;
      },
      onChanges: (count) => {
        this.counts.changes += count;
      },
      onReset: (reason) => {
        this.counts.resets += 1;
        logger.info({ reason }, 'all states of keys are read again');
      },
      onEnd: (cause) => this.#reconnect(cause),
    };
  }

  #reconnect(cause: unknown): void {
    const { logger, random } = this.#options;
    // Its stack would name this file at best: the message tells which side ended it, and why.
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (this.#isWorking) logger.warn({ reason }, 'the follow stream ended; connecting again');
    else if (this.#failures === 0) logger.info({ reason }, 'no keys service to follow yet; trying again');
    this.#isWorking = false;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, MAX_BACKOFF_MS);
    this.#failures += 1;
    // Between half of it and all of it.
    this.#reconnection = setTimeout(() => this.start(), backoffMs * (0.5 + random() / 2));
  }
}
