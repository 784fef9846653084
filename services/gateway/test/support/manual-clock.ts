/** A clock that stands until it is moved. */
export class ManualClock {
  #wallMs = 1_700_000_000_000;
  #monotonicMs = 5000;

  now(): number {
    return this.#wallMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  advance(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }

  /** The machine sleeps: only the wall clock goes on. */
  suspend(ms: number): void {
    this.#wallMs += ms;
  }

  /** Somebody sets the wall clock, forwards or (negative) backwards. */
  set(ms: number): void {
    this.#wallMs += ms;
  }
}
