// Original file: protos/hokusai/usage/v1/usage.proto

import type { TimeBucket as _hokusai_usage_v1_TimeBucket, TimeBucket__Output as _hokusai_usage_v1_TimeBucket__Output } from '../../../hokusai/usage/v1/TimeBucket.ts';

export interface GetTimeSeriesResponse {
  'buckets'?: (_hokusai_usage_v1_TimeBucket)[];
}

export interface GetTimeSeriesResponse__Output {
  'buckets': (_hokusai_usage_v1_TimeBucket__Output)[];
}
