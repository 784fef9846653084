// Original file: protos/hokusai/keys/v1/management.proto


/**
 * Repetition of a POST: the same key and the same body get the same answer for ten minutes.
 */
export interface Idempotency {
  /**
   * The Idempotency-Key header's value: 1 to 255 characters.
   */
  'key'?: (string);
  /**
   * SHA-256 (32 bytes) of the request's route and body: another body under the same key is
   * an error.
   */
  'fingerprint'?: (Buffer | Uint8Array | string);
}

/**
 * Repetition of a POST: the same key and the same body get the same answer for ten minutes.
 */
export interface Idempotency__Output {
  /**
   * The Idempotency-Key header's value: 1 to 255 characters.
   */
  'key': (string);
  /**
   * SHA-256 (32 bytes) of the request's route and body: another body under the same key is
   * an error.
   */
  'fingerprint': (Buffer);
}
