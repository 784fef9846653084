/** Time as an argument: real in services, set by hand in tests. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. It can be set, forwards and backwards. */
  now(): number;
  /** Monotonic, milliseconds since some start. It stands still in a suspended machine. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
