// Original file: protos/hokusai/keys/v1/validation.proto


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
