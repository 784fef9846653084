// Original file: protos/hokusai/keys/v1/management.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { GatewayReceipt as _hokusai_keys_v1_GatewayReceipt, GatewayReceipt__Output as _hokusai_keys_v1_GatewayReceipt__Output } from '../../../hokusai/keys/v1/GatewayReceipt.ts';

/**
 * Who knows of a revocation: of all keys that the call was about, with its descendants.
 */
export interface RevocationReceipt {
  /**
   * When the change was committed, by the database's clock, or some milliseconds earlier.
   * Of a key that was revoked before: when it was.
   */
  'committedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * One for each gateway that may have held trust at the commit; of a key that was revoked
   * before, at the call.
   */
  'gateways'?: (_hokusai_keys_v1_GatewayReceipt)[];
  /**
   * After this time, by the database's clock, no gateway lets a new request of the key in,
   * whatever is broken.
   */
  'effectiveNoLaterThan'?: (_google_protobuf_Timestamp | null);
  /**
   * All gateways that may have held trust at the commit are listed. False for some time
   * after the database was restarted, restored or replaced.
   */
  'complete'?: (boolean);
}

/**
 * Who knows of a revocation: of all keys that the call was about, with its descendants.
 */
export interface RevocationReceipt__Output {
  /**
   * When the change was committed, by the database's clock, or some milliseconds earlier.
   * Of a key that was revoked before: when it was.
   */
  'committedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * One for each gateway that may have held trust at the commit; of a key that was revoked
   * before, at the call.
   */
  'gateways': (_hokusai_keys_v1_GatewayReceipt__Output)[];
  /**
   * After this time, by the database's clock, no gateway lets a new request of the key in,
   * whatever is broken.
   */
  'effectiveNoLaterThan': (_google_protobuf_Timestamp__Output | null);
  /**
   * All gateways that may have held trust at the commit are listed. False for some time
   * after the database was restarted, restored or replaced.
   */
  'complete': (boolean);
}
