/** What is known of an outage of the keys service, and how long states outlive it. */
import type { Logger } from '@hokusai/service-kit';
import { type Clock, elapsedMs, type Instant, instantOf } from '../domain/elapsed.ts';

export interface OutageOptions {
  /** For how long a state serves after it was last trusted; 0 for not at all. */
  graceMs: number;
  clock: Clock;
  logger: Logger;
}

/** While the service is away, one request in this time looks whether it is back. */
const PROBE_INTERVAL_MS = 1000;

export class Outage {
  readonly #options: OutageOptions;
  #lastFailure: Instant | undefined;
  #lastProbe: Instant | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /** Runs a question to the keys service and learns from how it ends. */
  async watch<T>(question: () => Promise<T>): Promise<T> {
    const { clock, logger } = this.#options;
    try {
      const answer = await question();
      if (this.#lastFailure) logger.info('the keys service answers again');
      this.#lastFailure = undefined;
      return answer;
    } catch (error) {
      if (!this.#lastFailure) logger.warn({ err: error }, 'the keys service does not answer');
      this.#lastFailure = instantOf(clock);
      throw error;
    }
  }

  /** True if the last question failed. */
  isKnown(): boolean {
    return this.#lastFailure !== undefined;
  }

  /** True once per interval: the caller is to ask the service. */
  isProbeDue(): boolean {
    const { clock } = this.#options;
    if (this.#lastProbe && elapsedMs(this.#lastProbe, clock) < PROBE_INTERVAL_MS) return false;
    this.#lastProbe = instantOf(clock);
    return true;
  }

  graceCovers(trustedAt: Instant): boolean {
    const { graceMs, clock } = this.#options;
    return graceMs > 0 && elapsedMs(trustedAt, clock) <= graceMs;
  }
}
