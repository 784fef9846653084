// Original file: protos/hokusai/usage/v1/usage.proto

import type { SequenceRange as _hokusai_usage_v1_SequenceRange, SequenceRange__Output as _hokusai_usage_v1_SequenceRange__Output } from '../../../hokusai/usage/v1/SequenceRange.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

// Original file: protos/hokusai/usage/v1/usage.proto

export const _hokusai_usage_v1_IncarnationIntegrity_Status = {
  STATUS_UNSPECIFIED: 'STATUS_UNSPECIFIED',
  /**
   * Still announcing.
   */
  STATUS_OPEN: 'STATUS_OPEN',
  /**
   * Closed, and all of it is stored.
   */
  STATUS_BALANCED: 'STATUS_BALANCED',
  /**
   * Some range is missing.
   */
  STATUS_GAP: 'STATUS_GAP',
  /**
   * Silent without a goodbye: the end is not known, only its bounds.
   */
  STATUS_UNCLEAN_END: 'STATUS_UNCLEAN_END',
} as const;

export type _hokusai_usage_v1_IncarnationIntegrity_Status =
  | 'STATUS_UNSPECIFIED'
  | 0
  /**
   * Still announcing.
   */
  | 'STATUS_OPEN'
  | 1
  /**
   * Closed, and all of it is stored.
   */
  | 'STATUS_BALANCED'
  | 2
  /**
   * Some range is missing.
   */
  | 'STATUS_GAP'
  | 3
  /**
   * Silent without a goodbye: the end is not known, only its bounds.
   */
  | 'STATUS_UNCLEAN_END'
  | 4

export type _hokusai_usage_v1_IncarnationIntegrity_Status__Output = typeof _hokusai_usage_v1_IncarnationIntegrity_Status[keyof typeof _hokusai_usage_v1_IncarnationIntegrity_Status]

/**
 * The account of one gateway process.
 */
export interface IncarnationIntegrity {
  'incarnation'?: (string);
  'gateway'?: (string);
  'status'?: (_hokusai_usage_v1_IncarnationIntegrity_Status);
  'assigned'?: (number | string | Long);
  'received'?: (number | string | Long);
  'stored'?: (number | string | Long);
  'rolledUp'?: (number | string | Long);
  'gaps'?: (_hokusai_usage_v1_SequenceRange)[];
  /**
   * What the gateway itself announced last; of an unclean end: at least this many.
   */
  'lastKnownAssigned'?: (number | string | Long);
  'openedAt'?: (_google_protobuf_Timestamp | null);
  'lastHeardAt'?: (_google_protobuf_Timestamp | null);
  'closedAt'?: (_google_protobuf_Timestamp | null);
}

/**
 * The account of one gateway process.
 */
export interface IncarnationIntegrity__Output {
  'incarnation': (string);
  'gateway': (string);
  'status': (_hokusai_usage_v1_IncarnationIntegrity_Status__Output);
  'assigned': (string);
  'received': (string);
  'stored': (string);
  'rolledUp': (string);
  'gaps': (_hokusai_usage_v1_SequenceRange__Output)[];
  /**
   * What the gateway itself announced last; of an unclean end: at least this many.
   */
  'lastKnownAssigned': (string);
  'openedAt': (_google_protobuf_Timestamp__Output | null);
  'lastHeardAt': (_google_protobuf_Timestamp__Output | null);
  'closedAt': (_google_protobuf_Timestamp__Output | null);
}
