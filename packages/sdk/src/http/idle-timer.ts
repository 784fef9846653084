/** Calls `onExpiry` once when it was not set anew for so long. */
export class IdleTimer {
  readonly #onExpiry: (milliseconds: number) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(onExpiry: (milliseconds: number) => void) {
    this.#onExpiry = onExpiry;
  }

  set(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#onExpiry(milliseconds), milliseconds);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
