export interface BreakerSettings {
  /** It opens after so many failures to connect in a row. */
  failures: number;
  /** From its opening to the first probe; each that fails doubles it. */
  firstProbeMs: number;
  maxProbeMs: number;
}

/**
 * Whether an upstream is worth a request, judged by attempts to connect to it: that it answers slowly, or
 * with an error, says nothing here. Open, it is closed only by a connection that could be made.
 *
 * Pure: told what happens, it says what to do. There is no half-open state: whoever owns it probes by
 * connecting, which costs no client a request.
 */
export class CircuitBreaker {
  readonly #settings: BreakerSettings;
  #failuresInRow = 0;
  #isOpen = false;
  #nextProbeMs: number;

  constructor(settings: BreakerSettings) {
    this.#settings = settings;
    this.#nextProbeMs = settings.firstProbeMs;
  }

  /** Requests are to be refused at once. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * An answer came, on whatever connection: where it is merely full, and new connections fail, the old ones
   * still serve. Closes nothing: a server that is being stopped may still answer.
   */
  answered(): void {
    if (!this.#isOpen) this.#failuresInRow = 0;
  }

  /** A connection was made. True if it closes with this. */
  connected(): boolean {
    const wasOpen = this.#isOpen;
    this.#failuresInRow = 0;
    this.#isOpen = false;
    this.#nextProbeMs = this.#settings.firstProbeMs;
    return wasOpen;
  }

  /** No connection could be made. True if it opens with this. */
  failed(): boolean {
    this.#failuresInRow += 1;
    if (this.#isOpen || this.#failuresInRow < this.#settings.failures) return false;
    this.#isOpen = true;
    return true;
  }

  /** How long to wait before the next probe; each one is further away. */
  takeProbeDelayMs(): number {
    const delayMs = this.#nextProbeMs;
    this.#nextProbeMs = Math.min(delayMs * 2, this.#settings.maxProbeMs);
    return delayMs;
  }
}
