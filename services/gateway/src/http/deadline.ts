/**
 * One time-out at a time, for what is counted in seconds: a connection, an answer, a body that moves. Each request has
 * one, and every chunk of a body puts it off, so it has no timer of its own: all that run are looked through at
 * each tick. It ends up to two ticks late, never early.
 */
export class Deadline {
  static #first: Deadline | undefined;
  static #ticking: NodeJS.Timeout | undefined;
  /** Ticks so far: while the process stands still there are none, and nobody is blamed for that time. */
  static #now = 0;

  #isRunning = false;
  #before: Deadline | undefined;
  #after: Deadline | undefined;
  #ticks = 0;
  #expiresAt = 0;
  #onExpired: (() => void) | undefined;

  /** Replaces a running one. */
  start(timeoutMs: number, onExpired: () => void): void {
    // The tick that is under way may end at once.
    this.#ticks = Math.ceil(timeoutMs / TICK_MS) + 1;
    this.#onExpired = onExpired;
    this.putOff();
    if (!this.#isRunning) this.#enter();
  }

  /** Something moved: starts the running one again. */
  putOff(): void {
    this.#expiresAt = Deadline.#now + this.#ticks;
  }

  clear(): void {
    if (this.#isRunning) this.#leave();
    this.#onExpired = undefined;
  }

  #enter(): void {
    this.#isRunning = true;
    this.#after = Deadline.#first;
    if (this.#after) this.#after.#before = this;
    Deadline.#first = this;
    Deadline.#ticking ??= setInterval(() => Deadline.#tick(), TICK_MS).unref();
  }

  #leave(): void {
    this.#isRunning = false;
    if (this.#before) this.#before.#after = this.#after;
    else Deadline.#first = this.#after;
    if (this.#after) this.#after.#before = this.#before;
    this.#before = undefined;
    this.#after = undefined;
  }

  static #tick(): void {
    Deadline.#now += 1;
    const expired: Deadline[] = [];
    for (let each = Deadline.#first; each; each = each.#after) if (each.#isExpired) expired.push(each);
    // What one of them ends may clear others.
    for (const each of expired) if (each.#isRunning && each.#isExpired) each.#expire();
    if (Deadline.#first) return;
    clearInterval(Deadline.#ticking);
    Deadline.#ticking = undefined;
  }

  get #isExpired(): boolean {
    return this.#expiresAt <= Deadline.#now;
  }

  #expire(): void {
    this.#leave();
    this.#onExpired?.();
  }
}

const TICK_MS = 50;
