// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * A key that was not used.
 */
export interface UnusedKey {
  /**
   * A uuid.
   */
  'keyId'?: (string);
  /**
   * Public prefix of its current secret.
   */
  'keyPrefix'?: (string);
  /**
   * What its owner calls it.
   */
  'name'?: (string);
  /**
   * Its owner (uuid).
   */
  'userId'?: (string);
  /**
   * Absent: never.
   */
  'lastUsedAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * A key that was not used.
 */
export interface UnusedKey__Output {
  /**
   * A uuid.
   */
  'keyId': (string);
  /**
   * Public prefix of its current secret.
   */
  'keyPrefix': (string);
  /**
   * What its owner calls it.
   */
  'name': (string);
  /**
   * Its owner (uuid).
   */
  'userId': (string);
  /**
   * Absent: never.
   */
  'lastUsedAt': (_google_protobuf_Timestamp__Output | null);
}
