// Original file: protos/hokusai/usage/v1/usage.proto

import type { TimeBucket as _hokusai_usage_v1_TimeBucket, TimeBucket__Output as _hokusai_usage_v1_TimeBucket__Output } from '../../../hokusai/usage/v1/TimeBucket.ts';

/**
 * The buckets.
 */
export interface GetTimeSeriesResponse {
  /**
   * Oldest first, without gaps.
   */
  'buckets'?: (_hokusai_usage_v1_TimeBucket)[];
}

/**
 * The buckets.
 */
export interface GetTimeSeriesResponse__Output {
  /**
   * Oldest first, without gaps.
   */
  'buckets': (_hokusai_usage_v1_TimeBucket__Output)[];
}
