/**
 * A sliding window over counted requests: a ring of counters, each for one sub-window, of which the newest is
 * filling up. The counters together always reach back further than the window is long, by less than one
 * sub-window. So no window of that length, wherever it begins, holds more than their sum ever was; and requests
 * that come evenly spaced are counted for `slots` sub-windows, not for `slots - 1`.
 *
 * The Lua script in `limits/script.ts` does the same arithmetic on what Redis holds, and is tested against this.
 */

/** Sub-windows of every hourly window. */
export const HOUR = { slots: 61, widthMs: 60_000 } as const;
const BURST_SLOTS = 11;

/** Sub-windows of a window for bursts: eleven, of which ten make the window. */
export function burstShape(windowSeconds: number): WindowShape {
  return { slots: BURST_SLOTS, widthMs: windowSeconds * 100 };
}

export interface WindowShape {
  /** Number of sub-windows. */
  slots: number;
  /** Length of each, a whole number. */
  widthMs: number;
}

/** Times are whole milliseconds since the epoch, of one clock. */
export class SlidingWindow {
  readonly #slots: number;
  readonly #widthMs: number;
  readonly #counts: Float64Array;
  /** Number of the sub-window that is filling up, counted since the epoch. */
  #newest: number;
  /** Number of the first that holds something; the newest if none does. */
  #oldest: number;
  #used = 0;

  constructor({ slots, widthMs }: WindowShape, nowMs: number) {
    this.#slots = slots;
    this.#widthMs = widthMs;
    this.#counts = new Float64Array(slots);
    this.#newest = Math.floor(nowMs / widthMs);
    this.#oldest = this.#newest;
  }

  /** Requests that count, as of the last `moveTo`. */
  get used(): number {
    return this.#used;
  }

  /**
   * Forgets what has left the window. Time that runs backwards is taken to stand still; but a window that lies
   * in the future by more than its own length was made by a clock that was wrong, and is emptied.
   */
  moveTo(nowMs: number): void {
    const index = Math.floor(nowMs / this.#widthMs);
    const steps = index - this.#newest;
    if (steps === 0) return;
    if (this.#used === 0 || steps < -this.#slots || steps >= this.#slots) {
      this.#clear(index);
      return;
    }
    if (steps < 0) return;
    for (let at = this.#newest + 1; at <= index; at += 1) this.#take(at, Number.POSITIVE_INFINITY);
    this.#newest = index;
    this.#skipEmpty();
  }

  /** Counts `count` requests, now. */
  add(count: number): void {
    if (this.#used === 0) this.#oldest = this.#newest;
    const slot = this.#newest % this.#slots;
    this.#counts[slot] = this.#countAt(this.#newest) + count;
    this.#used += count;
  }

  /** Takes back up to `count` requests, the oldest first. */
  remove(count: number): void {
    let rest = count;
    for (let at = this.#newest - this.#slots + 1; rest > 0 && at <= this.#newest; at += 1)
      rest -= this.#take(at, rest);
    this.#skipEmpty();
  }

  /** When the next request of what is counted leaves or, above `limit`, when one more is within it. */
  resetAtMs(limit: number): number {
    let excess = this.#used + 1 - limit;
    let at = this.#oldest;
    for (; at < this.#newest; at += 1) {
      excess -= this.#countAt(at);
      if (excess <= 0) break;
    }
    return (at + this.#slots) * this.#widthMs;
  }

  #countAt(index: number): number {
    const slot = index % this.#slots;
    return this.#counts[slot < 0 ? slot + this.#slots : slot] as number;
  }

  /** Takes up to `count` out of a sub-window; returns how many that were. */
  #take(index: number, count: number): number {
    const taken = Math.min(count, this.#countAt(index));
    const slot = index % this.#slots;
    this.#counts[slot < 0 ? slot + this.#slots : slot] = this.#countAt(index) - taken;
    this.#used -= taken;
    return taken;
  }

  #clear(index: number): void {
    this.#counts.fill(0);
    this.#used = 0;
    this.#newest = index;
    this.#oldest = index;
  }

  #skipEmpty(): void {
    this.#oldest = Math.max(this.#oldest, this.#newest - this.#slots + 1);
    while (this.#oldest < this.#newest && this.#countAt(this.#oldest) === 0) this.#oldest += 1;
  }
}
