// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { UsageFilter as _hokusai_usage_v1_UsageFilter, UsageFilter__Output as _hokusai_usage_v1_UsageFilter__Output } from '../../../hokusai/usage/v1/UsageFilter.ts';
import type { Granularity as _hokusai_usage_v1_Granularity, Granularity__Output as _hokusai_usage_v1_Granularity__Output } from '../../../hokusai/usage/v1/Granularity.ts';

export interface GetTimeSeriesRequest {
  'reader'?: (_hokusai_usage_v1_Reader | null);
  'filter'?: (_hokusai_usage_v1_UsageFilter | null);
  'granularity'?: (_hokusai_usage_v1_Granularity);
  /**
   * IANA name, for days; empty means UTC.
   */
  'timeZone'?: (string);
}

export interface GetTimeSeriesRequest__Output {
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  'filter': (_hokusai_usage_v1_UsageFilter__Output | null);
  'granularity': (_hokusai_usage_v1_Granularity__Output);
  /**
   * IANA name, for days; empty means UTC.
   */
  'timeZone': (string);
}
