// Original file: protos/hokusai/audit/v1/audit.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * What to select; each empty field matches all.
 */
export interface EventFilter {
  'actorUserId'?: (string);
  'keyId'?: (string);
  'targetId'?: (string);
  'action'?: (string);
  'outcome'?: (string);
  'clientIp'?: (string);
  'requestId'?: (string);
  /**
   * Half-open: from ≤ occurred_at < to.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  'to'?: (_google_protobuf_Timestamp | null);
}

/**
 * What to select; each empty field matches all.
 */
export interface EventFilter__Output {
  'actorUserId': (string);
  'keyId': (string);
  'targetId': (string);
  'action': (string);
  'outcome': (string);
  'clientIp': (string);
  'requestId': (string);
  /**
   * Half-open: from ≤ occurred_at < to.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  'to': (_google_protobuf_Timestamp__Output | null);
}
