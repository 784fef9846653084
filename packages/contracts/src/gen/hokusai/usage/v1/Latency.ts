// Original file: protos/hokusai/usage/v1/usage.proto


/**
 * Time to the end of the answer, at nearest-rank percentiles, within 1 %.
 */
export interface Latency {
  /**
   * Half of the requests took at most so many milliseconds.
   */
  'p50Ms'?: (number | string);
  /**
   * Nine in ten.
   */
  'p90Ms'?: (number | string);
  /**
   * 99 in a hundred.
   */
  'p99Ms'?: (number | string);
}

/**
 * Time to the end of the answer, at nearest-rank percentiles, within 1 %.
 */
export interface Latency__Output {
  /**
   * Half of the requests took at most so many milliseconds.
   */
  'p50Ms': (number);
  /**
   * Nine in ten.
   */
  'p90Ms': (number);
  /**
   * 99 in a hundred.
   */
  'p99Ms': (number);
}
