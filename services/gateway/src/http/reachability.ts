/** Whether an upstream takes connections: learnt from the pool's, and looked for where it does not. */
import type { Logger } from '@hokusai/service-kit';
import { type BreakerSettings, CircuitBreaker } from '../domain/circuit-breaker.ts';

export interface ReachabilityOptions {
  /** Of the upstream, for people. */
  upstreamName: string;
  /** Connects, and hangs up. Rejects if that can't be done. */
  probe: () => Promise<void>;
  logger: Logger;
  settings?: BreakerSettings;
}

/** A restart is noticed within a fraction of a second, a long outage costs one connection in 5 s. */
const SETTINGS: BreakerSettings = { failures: 5, firstProbeMs: 250, maxProbeMs: 5000 };

export class Reachability {
  readonly #options: ReachabilityOptions;
  readonly #breaker: CircuitBreaker;
  #probing: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ReachabilityOptions) {
    this.#options = options;
    this.#breaker = new CircuitBreaker(options.settings ?? SETTINGS);
  }

  get isReachable(): boolean {
    return !this.#breaker.isOpen;
  }

  answered(): void {
    this.#breaker.answered();
  }

  connected(): void {
    if (!this.#breaker.connected()) return;
    clearTimeout(this.#probing);
    const { upstreamName: upstream, logger } = this.#options;
    logger.info({ upstream }, 'the upstream takes connections again');
  }

  failed(error: Error): void {
    if (this.#isClosed || !this.#breaker.failed()) return;
    const { upstreamName: upstream, logger } = this.#options;
    const { code } = error as NodeJS.ErrnoException;
    logger.warn({ upstream, cause: code ?? error.message }, 'the upstream takes no connections');
    this.#probeLater();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#probing);
  }

  #probeLater(): void {
    if (this.#isClosed || !this.#breaker.isOpen) return;
    this.#probing = setTimeout(() => {
      this.#options.probe().then(
        () => this.connected(),
        () => this.#probeLater(),
      );
    }, this.#breaker.takeProbeDelayMs());
  }
}
