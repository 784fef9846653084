// Original file: protos/hokusai/keys/v1/types.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * A secret that a rotation replaced.
 */
export interface RetiredSecret {
  /**
   * Its public prefix.
   */
  'keyPrefix'?: (string);
  /**
   * When the rotation replaced it.
   */
  'retiredAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Accepted until then.
   */
  'validUntil'?: (_google_protobuf_Timestamp | null);
  /**
   * Last use of this secret, up to a minute behind; absent: never.
   */
  'lastUsedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Client address of that use.
   */
  'lastUsedIp'?: (string);
  '_lastUsedIp'?: "lastUsedIp";
}

/**
 * A secret that a rotation replaced.
 */
export interface RetiredSecret__Output {
  /**
   * Its public prefix.
   */
  'keyPrefix': (string);
  /**
   * When the rotation replaced it.
   */
  'retiredAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Accepted until then.
   */
  'validUntil': (_google_protobuf_Timestamp__Output | null);
  /**
   * Last use of this secret, up to a minute behind; absent: never.
   */
  'lastUsedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Client address of that use.
   */
  'lastUsedIp'?: (string);
  '_lastUsedIp'?: "lastUsedIp";
}
