// Original file: protos/hokusai/keys/v1/validation.proto


/**
 * What a client sent as its key.
 */
export interface ValidateKeyRequest {
  /**
   * The whole key as the client sent it.
   */
  'key'?: (string);
  /**
   * For tracing and the service's log.
   */
  'requestId'?: (string);
}

/**
 * What a client sent as its key.
 */
export interface ValidateKeyRequest__Output {
  /**
   * The whole key as the client sent it.
   */
  'key': (string);
  /**
   * For tracing and the service's log.
   */
  'requestId': (string);
}
