// Original file: protos/hokusai/keys/v1/management.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { GatewayReceipt as _hokusai_keys_v1_GatewayReceipt, GatewayReceipt__Output as _hokusai_keys_v1_GatewayReceipt__Output } from '../../../hokusai/keys/v1/GatewayReceipt.ts';

/**
 * Who knows of a revocation.
 */
export interface RevocationReceipt {
  /**
   * When the change was committed.
   */
  'committedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * One for each gateway that was heard of.
   */
  'gateways'?: (_hokusai_keys_v1_GatewayReceipt)[];
  /**
   * After this time no gateway serves the key, whatever is broken.
   */
  'effectiveNoLaterThan'?: (_google_protobuf_Timestamp | null);
  /**
   * All gateways that may have held trust at the commit are listed.
   */
  'complete'?: (boolean);
}

/**
 * Who knows of a revocation.
 */
export interface RevocationReceipt__Output {
  /**
   * When the change was committed.
   */
  'committedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * One for each gateway that was heard of.
   */
  'gateways': (_hokusai_keys_v1_GatewayReceipt__Output)[];
  /**
   * After this time no gateway serves the key, whatever is broken.
   */
  'effectiveNoLaterThan': (_google_protobuf_Timestamp__Output | null);
  /**
   * All gateways that may have held trust at the commit are listed.
   */
  'complete': (boolean);
}
