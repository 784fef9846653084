// Original file: protos/hokusai/audit/v1/audit.proto


/**
 * Events that were published.
 */
export interface ConfirmStoredRequest {
  /**
   * Event ids (uuid), at most 1,000.
   */
  'eventIds'?: (string)[];
}

/**
 * Events that were published.
 */
export interface ConfirmStoredRequest__Output {
  /**
   * Event ids (uuid), at most 1,000.
   */
  'eventIds': (string)[];
}
