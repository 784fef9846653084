// Original file: protos/hokusai/keys/v1/types.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * A secret that a rotation replaced.
 */
export interface RetiredSecret {
  'keyPrefix'?: (string);
  'retiredAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Accepted until then.
   */
  'validUntil'?: (_google_protobuf_Timestamp | null);
  'lastUsedAt'?: (_google_protobuf_Timestamp | null);
  'lastUsedIp'?: (string);
  '_lastUsedIp'?: "lastUsedIp";
}

/**
 * A secret that a rotation replaced.
 */
export interface RetiredSecret__Output {
  'keyPrefix': (string);
  'retiredAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Accepted until then.
   */
  'validUntil': (_google_protobuf_Timestamp__Output | null);
  'lastUsedAt': (_google_protobuf_Timestamp__Output | null);
  'lastUsedIp'?: (string);
  '_lastUsedIp'?: "lastUsedIp";
}
