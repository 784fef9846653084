// Original file: protos/hokusai/keys/v1/validation.proto


/**
 * The log does not reach back to where the gateway was, or the database is
 * another one now: all states are to be distrusted, proofs stay.
 */
export interface FollowReset {
  /**
   * For the gateway's log.
   */
  'reason'?: (string);
}

/**
 * The log does not reach back to where the gateway was, or the database is
 * another one now: all states are to be distrusted, proofs stay.
 */
export interface FollowReset__Output {
  /**
   * For the gateway's log.
   */
  'reason': (string);
}
