// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * What to select; each empty field matches all. Half-open: from ≤ t < to.
 */
export interface UsageFilter {
  /**
   * Which key (uuid).
   */
  'keyId'?: (string);
  /**
   * Whose keys (uuid). PERMISSION_DENIED for a member who names another user.
   */
  'userId'?: (string);
  /**
   * Which route.
   */
  'endpoint'?: (string);
  /**
   * First moment of the period.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  /**
   * First moment after it. INVALID_ARGUMENT if it is not later than from.
   */
  'to'?: (_google_protobuf_Timestamp | null);
}

/**
 * What to select; each empty field matches all. Half-open: from ≤ t < to.
 */
export interface UsageFilter__Output {
  /**
   * Which key (uuid).
   */
  'keyId': (string);
  /**
   * Whose keys (uuid). PERMISSION_DENIED for a member who names another user.
   */
  'userId': (string);
  /**
   * Which route.
   */
  'endpoint': (string);
  /**
   * First moment of the period.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  /**
   * First moment after it. INVALID_ARGUMENT if it is not later than from.
   */
  'to': (_google_protobuf_Timestamp__Output | null);
}
