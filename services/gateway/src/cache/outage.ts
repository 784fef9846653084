/** What is known of an outage of the keys service, and how long states outlive it. */
import { type ErrorCode, HokusaiError, toHokusaiError } from '@hokusai/contracts';
import type { Logger } from '@hokusai/service-kit';
import { type Clock, elapsedMs, type Instant, instantOf } from '../domain/elapsed.ts';
import type { KeysPort } from './keys-port.ts';

export interface OutageOptions {
  /** For how long a state serves after it was last trusted; 0 for not at all. */
  graceMs: number;
  clock: Clock;
  logger: Logger;
}

/** While the service is away, a question that hangs keeps the next one back for that long. */
const PROBE_INTERVAL_MS = 1000;

/** Nobody is there. Other failures are answers: they speak of one question, not of the next. */
const AWAY: ReadonlySet<ErrorCode> = new Set(['unavailable', 'deadline_exceeded']);
/** Said by a service that is there: it has no time for Argon2, which few questions need. */
const BUSY_HASHING = 'hashing_queue_full';

export class Outage {
  readonly #options: OutageOptions;
  #hasFailed = false;
  #isAway = false;
  #answers = 0;
  #probes = 0;
  #lastProbe: Instant | undefined;

  constructor(options: OutageOptions) {
    this.#options = options;
  }

  /**
   * Runs a question to the keys service and learns from how it ends. While the service is away, one
   * question at a time (and another each second, should it hang) looks whether it is back; the others
   * fail at once, without being put: what waits for a time-out piles up.
   */
  async watch<T>(question: () => Promise<T>): Promise<T> {
    if (!this.#isAway) return this.#learnFrom(question);
    if (this.#probes > 0 && !this.isProbeDue()) throw stillAway();
    this.#lastProbe = instantOf(this.#options.clock);
    this.#probes += 1;
    try {
      return await this.#learnFrom(question);
    } finally {
      this.#probes -= 1;
    }
  }

  async #learnFrom<T>(question: () => Promise<T>): Promise<T> {
    const before = this.#answers;
    try {
      const answer = await question();
      this.#answered();
      return answer;
    } catch (error) {
      // A time-out of a question that is older than the last answer is no news.
      if (toHokusaiError(error).reason === BUSY_HASHING) this.#answered();
      else if (before === this.#answers) this.#failed(error);
      throw error;
    }
  }

  #answered(): void {
    if (this.#hasFailed) this.#options.logger.info('the keys service answers again');
    this.#answers += 1;
    this.#hasFailed = false;
    this.#isAway = false;
  }

  #failed(error: unknown): void {
    if (!this.#hasFailed) this.#options.logger.warn({ err: error }, 'the keys service does not answer');
    this.#hasFailed = true;
    this.#isAway = AWAY.has(toHokusaiError(error).code);
  }

  /** True if the last question failed. */
  isKnown(): boolean {
    return this.#hasFailed;
  }

  /** True if nobody has looked for a second whether the service is back. */
  isProbeDue(): boolean {
    const { clock } = this.#options;
    return !this.#lastProbe || elapsedMs(this.#lastProbe, clock) >= PROBE_INTERVAL_MS;
  }

  graceCovers(trustedAt: Instant): boolean {
    const { graceMs, clock } = this.#options;
    return graceMs > 0 && elapsedMs(trustedAt, clock) <= graceMs;
  }
}

/** The keys port, with all its questions watched. */
export function watchOutage(keys: KeysPort, outage: Outage): KeysPort {
  return {
    validate: (key, requestId) => outage.watch(() => keys.validate(key, requestId)),
    getState: (keyId, requestId) => outage.watch(() => keys.getState(keyId, requestId)),
  };
}

function stillAway(): HokusaiError {
  return new HokusaiError('unavailable', 'The keys service is known to be away.');
}
