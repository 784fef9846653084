// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { UsageTotals as _hokusai_usage_v1_UsageTotals, UsageTotals__Output as _hokusai_usage_v1_UsageTotals__Output } from '../../../hokusai/usage/v1/UsageTotals.ts';

/**
 * The sums of one bucket.
 */
export interface TimeBucket {
  /**
   * Its first moment, which of the first bucket may lie before the period.
   */
  'start'?: (_google_protobuf_Timestamp | null);
  /**
   * Of the requests in it.
   */
  'totals'?: (_hokusai_usage_v1_UsageTotals | null);
}

/**
 * The sums of one bucket.
 */
export interface TimeBucket__Output {
  /**
   * Its first moment, which of the first bucket may lie before the period.
   */
  'start': (_google_protobuf_Timestamp__Output | null);
  /**
   * Of the requests in it.
   */
  'totals': (_hokusai_usage_v1_UsageTotals__Output | null);
}
