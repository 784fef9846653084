/** One time-out at a time. Putting it off costs next to nothing, so that every chunk of a body may. */
export class Deadline {
  #timer: NodeJS.Timeout | undefined;

  /** Replaces a running one. */
  start(timeoutMs: number, onExpired: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onExpired, timeoutMs);
  }

  /** Something moved: starts the running one again. */
  putOff(): void {
    this.#timer?.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
