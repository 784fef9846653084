/** How a mock behaves; all optional. */
export interface MockOptions {
  /** Milliseconds since the epoch; the system's clock if absent. */
  now?: () => number;
  /** Ids and made-up names count up in place of random ones, so that a program gives the same ones each time. */
  deterministicIds?: boolean;
}
