// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * What to select; each empty field matches all. Half-open: from ≤ t < to.
 */
export interface UsageFilter {
  'keyId'?: (string);
  'userId'?: (string);
  'endpoint'?: (string);
  'from'?: (_google_protobuf_Timestamp | null);
  'to'?: (_google_protobuf_Timestamp | null);
}

/**
 * What to select; each empty field matches all. Half-open: from ≤ t < to.
 */
export interface UsageFilter__Output {
  'keyId': (string);
  'userId': (string);
  'endpoint': (string);
  'from': (_google_protobuf_Timestamp__Output | null);
  'to': (_google_protobuf_Timestamp__Output | null);
}
