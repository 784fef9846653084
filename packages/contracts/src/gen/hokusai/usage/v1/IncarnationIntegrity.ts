// Original file: protos/hokusai/usage/v1/usage.proto

import type { SequenceRange as _hokusai_usage_v1_SequenceRange, SequenceRange__Output as _hokusai_usage_v1_SequenceRange__Output } from '../../../hokusai/usage/v1/SequenceRange.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

// Original file: protos/hokusai/usage/v1/usage.proto

/**
 * How it stands.
 */
export const _hokusai_usage_v1_IncarnationIntegrity_Status = {
  /**
   * Never answered.
   */
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
   * Some range is missing, or the store has not what arrived: less, or something twice.
   */
  STATUS_GAP: 'STATUS_GAP',
  /**
   * Silent without a goodbye: the end is not known, only its bounds.
   */
  STATUS_UNCLEAN_END: 'STATUS_UNCLEAN_END',
} as const;

/**
 * How it stands.
 */
export type _hokusai_usage_v1_IncarnationIntegrity_Status =
  /**
   * Never answered.
   */
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
   * Some range is missing, or the store has not what arrived: less, or something twice.
   */
  | 'STATUS_GAP'
  | 3
  /**
   * Silent without a goodbye: the end is not known, only its bounds.
   */
  | 'STATUS_UNCLEAN_END'
  | 4

/**
 * How it stands.
 */
export type _hokusai_usage_v1_IncarnationIntegrity_Status__Output = typeof _hokusai_usage_v1_IncarnationIntegrity_Status[keyof typeof _hokusai_usage_v1_IncarnationIntegrity_Status]

/**
 * The account of one gateway process.
 */
export interface IncarnationIntegrity {
  /**
   * Identity of the process (uuid).
   */
  'incarnation'?: (string);
  /**
   * Its name for people.
   */
  'gateway'?: (string);
  /**
   * How it stands.
   */
  'status'?: (_hokusai_usage_v1_IncarnationIntegrity_Status);
  /**
   * Numbers that it gave to requests, as far as is known.
   */
  'assigned'?: (number | string | Long);
  /**
   * Numbers that arrived.
   */
  'received'?: (number | string | Long);
  /**
   * Requests that are stored, or were until their time to be kept was over.
   */
  'stored'?: (number | string | Long);
  /**
   * How many of those the rollups hold by now. Answers take the rest from the requests themselves.
   */
  'rolledUp'?: (number | string | Long);
  /**
   * Numbers that did not arrive, or are gone: the first 100 ranges, as far as they can be told.
   */
  'gaps'?: (_hokusai_usage_v1_SequenceRange)[];
  /**
   * What the gateway itself announced last; of an unclean end: at least this many.
   */
  'lastKnownAssigned'?: (number | string | Long);
  /**
   * When it started.
   */
  'openedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * When it last announced itself, by the broker's clock; absent: never.
   */
  'lastHeardAt'?: (_google_protobuf_Timestamp | null);
  /**
   * When it said goodbye; absent if it did not.
   */
  'closedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Stored requests whose time, by the gateway's clock, could not be believed: they stand under that of their arrival.
   */
  'clockCorrected'?: (number | string | Long);
  /**
   * How many ranges there are besides those in gaps.
   */
  'gapsLeftOut'?: (number | string | Long);
}

/**
 * The account of one gateway process.
 */
export interface IncarnationIntegrity__Output {
  /**
   * Identity of the process (uuid).
   */
  'incarnation': (string);
  /**
   * Its name for people.
   */
  'gateway': (string);
  /**
   * How it stands.
   */
  'status': (_hokusai_usage_v1_IncarnationIntegrity_Status__Output);
  /**
   * Numbers that it gave to requests, as far as is known.
   */
  'assigned': (string);
  /**
   * Numbers that arrived.
   */
  'received': (string);
  /**
   * Requests that are stored, or were until their time to be kept was over.
   */
  'stored': (string);
  /**
   * How many of those the rollups hold by now. Answers take the rest from the requests themselves.
   */
  'rolledUp': (string);
  /**
   * Numbers that did not arrive, or are gone: the first 100 ranges, as far as they can be told.
   */
  'gaps': (_hokusai_usage_v1_SequenceRange__Output)[];
  /**
   * What the gateway itself announced last; of an unclean end: at least this many.
   */
  'lastKnownAssigned': (string);
  /**
   * When it started.
   */
  'openedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * When it last announced itself, by the broker's clock; absent: never.
   */
  'lastHeardAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * When it said goodbye; absent if it did not.
   */
  'closedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Stored requests whose time, by the gateway's clock, could not be believed: they stand under that of their arrival.
   */
  'clockCorrected': (string);
  /**
   * How many ranges there are besides those in gaps.
   */
  'gapsLeftOut': (string);
}
