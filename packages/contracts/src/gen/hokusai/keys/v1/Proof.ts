// Original file: protos/hokusai/keys/v1/validation.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * "This string is a genuine secret of that key." It does not age while the
 * state accepts the secret's prefix.
 */
export interface Proof {
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * Prefix of the secret that was proved, which may be a retired one.
   */
  'keyPrefix'?: (string);
  /**
   * Set if a rotation has replaced this secret.
   */
  'retiredAt'?: (_google_protobuf_Timestamp | null);
  /**
   * End of a retired secret's grace.
   */
  'validUntil'?: (_google_protobuf_Timestamp | null);
}

/**
 * "This string is a genuine secret of that key." It does not age while the
 * state accepts the secret's prefix.
 */
export interface Proof__Output {
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * Prefix of the secret that was proved, which may be a retired one.
   */
  'keyPrefix': (string);
  /**
   * Set if a rotation has replaced this secret.
   */
  'retiredAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * End of a retired secret's grace.
   */
  'validUntil': (_google_protobuf_Timestamp__Output | null);
}
