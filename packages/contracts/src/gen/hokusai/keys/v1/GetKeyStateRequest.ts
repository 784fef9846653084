// Original file: protos/hokusai/keys/v1/validation.proto


/**
 * Which key.
 */
export interface GetKeyStateRequest {
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * For tracing and the service's log.
   */
  'requestId'?: (string);
}

/**
 * Which key.
 */
export interface GetKeyStateRequest__Output {
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * For tracing and the service's log.
   */
  'requestId': (string);
}
