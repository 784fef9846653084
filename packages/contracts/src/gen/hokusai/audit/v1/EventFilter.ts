// Original file: protos/hokusai/audit/v1/audit.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * What to select; each empty field matches all.
 */
export interface EventFilter {
  /**
   * Who did it (uuid).
   */
  'actorUserId'?: (string);
  /**
   * The key that acted or was acted on (uuid).
   */
  'keyId'?: (string);
  /**
   * What it was done to (uuid).
   */
  'targetId'?: (string);
  /**
   * Such as key.created.
   */
  'action'?: (string);
  /**
   * success, refused or failed.
   */
  'outcome'?: (string);
  /**
   * The address that it came from.
   */
  'clientIp'?: (string);
  /**
   * Of the request that did it.
   */
  'requestId'?: (string);
  /**
   * Half-open: from ≤ occurred_at < to.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  /**
   * See from.
   */
  'to'?: (_google_protobuf_Timestamp | null);
}

/**
 * What to select; each empty field matches all.
 */
export interface EventFilter__Output {
  /**
   * Who did it (uuid).
   */
  'actorUserId': (string);
  /**
   * The key that acted or was acted on (uuid).
   */
  'keyId': (string);
  /**
   * What it was done to (uuid).
   */
  'targetId': (string);
  /**
   * Such as key.created.
   */
  'action': (string);
  /**
   * success, refused or failed.
   */
  'outcome': (string);
  /**
   * The address that it came from.
   */
  'clientIp': (string);
  /**
   * Of the request that did it.
   */
  'requestId': (string);
  /**
   * Half-open: from ≤ occurred_at < to.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  /**
   * See from.
   */
  'to': (_google_protobuf_Timestamp__Output | null);
}
