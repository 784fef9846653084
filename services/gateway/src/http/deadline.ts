/**
 * One time-out at a time. Starting one and putting it off cost next to nothing, so that every chunk of a body
 * may: a timer that runs already is left to run, and looks when it fires how long there is still to wait.
 */
export class Deadline {
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. All instants are monotonic, in ms. */
  #firesAtMs = 0;
  #expiresAtMs = 0;
  #timeoutMs = 0;
  #onExpired: (() => void) | undefined;

  /** Replaces a running one. */
  start(timeoutMs: number, onExpired: () => void): void {
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
    this.putOff();
    if (this.#timer === undefined) this.#arm(Math.min(timeoutMs, LOOK_MS));
    else if (this.#firesAtMs > this.#expiresAtMs) {
      clearTimeout(this.#timer);
      this.#arm(timeoutMs);
    }
  }

  /** Something moved: starts the running one again. */
  putOff(): void {
    this.#expiresAtMs = performance.now() + this.#timeoutMs;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#onExpired = undefined;
  }

  #arm(delayMs: number): void {
    this.#firesAtMs = performance.now() + delayMs;
    this.#timer = setTimeout(this.#look, delayMs);
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const leftMs = this.#expiresAtMs - performance.now();
    if (leftMs > 0) this.#arm(Math.ceil(leftMs));
    else this.#onExpired?.();
  };
}

/**
 * The first timer is this short, so that the next time-outs of the same request, of whatever length, need none of
 * their own; most requests are over by then.
 */
const LOOK_MS = 10_000;
