// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * What to select; each empty field matches all. Half-open: from ≤ t < to. INVALID_ARGUMENT where
 * an edge is finer than what is kept of its time, which the violation names.
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
   * First moment of the period; absent: a day before to. INVALID_ARGUMENT if it lies in the future.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  /**
   * First moment after it; absent: now. INVALID_ARGUMENT if it is earlier than from.
   */
  'to'?: (_google_protobuf_Timestamp | null);
}

/**
 * What to select; each empty field matches all. Half-open: from ≤ t < to. INVALID_ARGUMENT where
 * an edge is finer than what is kept of its time, which the violation names.
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
   * First moment of the period; absent: a day before to. INVALID_ARGUMENT if it lies in the future.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  /**
   * First moment after it; absent: now. INVALID_ARGUMENT if it is earlier than from.
   */
  'to': (_google_protobuf_Timestamp__Output | null);
}
