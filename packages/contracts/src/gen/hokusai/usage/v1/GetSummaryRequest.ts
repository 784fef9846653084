// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { UsageFilter as _hokusai_usage_v1_UsageFilter, UsageFilter__Output as _hokusai_usage_v1_UsageFilter__Output } from '../../../hokusai/usage/v1/UsageFilter.ts';

export interface GetSummaryRequest {
  'reader'?: (_hokusai_usage_v1_Reader | null);
  'filter'?: (_hokusai_usage_v1_UsageFilter | null);
}

export interface GetSummaryRequest__Output {
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  'filter': (_hokusai_usage_v1_UsageFilter__Output | null);
}
