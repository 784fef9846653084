/** Time passed, by two clocks of which each can fail in one way. */
export interface Clock {
  /** Wall clock, ms since the epoch. It can be set, forwards and backwards. */
  now(): number;
  /** Monotonic, ms. It stands still in a suspended machine. */
  monotonic(): number;
}

export interface Instant {
  wallMs: number;
  monotonicMs: number;
}

export function instantOf(clock: Clock): Instant {
  return { wallMs: clock.now(), monotonicMs: clock.monotonic() };
}

/** Milliseconds since `start`: the larger of what the two clocks say, so that trust rather ends too early. */
export function elapsedMs(start: Instant, clock: Clock): number {
  return elapsedUntil(start, instantOf(clock));
}

/** The same until `end`. */
export function elapsedUntil(start: Instant, end: Instant): number {
  return Math.max(end.wallMs - start.wallMs, end.monotonicMs - start.monotonicMs);
}
