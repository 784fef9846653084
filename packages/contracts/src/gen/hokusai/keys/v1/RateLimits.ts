// Original file: protos/hokusai/keys/v1/types.proto


/**
 * The limits of a key, in requests.
 */
export interface RateLimits {
  /**
   * Requests in any hour, at least 1.
   */
  'rateLimitPerHour'?: (number);
  /**
   * Requests in any window of burst_window_seconds, at least 1.
   */
  'burstLimit'?: (number);
  /**
   * Length of the burst window in seconds, at least 1.
   */
  'burstWindowSeconds'?: (number);
}

/**
 * The limits of a key, in requests.
 */
export interface RateLimits__Output {
  /**
   * Requests in any hour, at least 1.
   */
  'rateLimitPerHour': (number);
  /**
   * Requests in any window of burst_window_seconds, at least 1.
   */
  'burstLimit': (number);
  /**
   * Length of the burst window in seconds, at least 1.
   */
  'burstWindowSeconds': (number);
}
