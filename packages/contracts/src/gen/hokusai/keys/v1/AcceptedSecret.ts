// Original file: protos/hokusai/keys/v1/types.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * One secret that is accepted as proof of a key.
 */
export interface AcceptedSecret {
  /**
   * The secret's public first part, e.g. hk_live_4fQ0ZyB2kL9x.
   */
  'keyPrefix'?: (string);
  /**
   * End of a retired secret's grace; absent for the current secret.
   */
  'validUntil'?: (_google_protobuf_Timestamp | null);
  /**
   * When a rotation replaced this secret; absent for the current one.
   */
  'retiredAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * One secret that is accepted as proof of a key.
 */
export interface AcceptedSecret__Output {
  /**
   * The secret's public first part, e.g. hk_live_4fQ0ZyB2kL9x.
   */
  'keyPrefix': (string);
  /**
   * End of a retired secret's grace; absent for the current secret.
   */
  'validUntil': (_google_protobuf_Timestamp__Output | null);
  /**
   * When a rotation replaced this secret; absent for the current one.
   */
  'retiredAt': (_google_protobuf_Timestamp__Output | null);
}
