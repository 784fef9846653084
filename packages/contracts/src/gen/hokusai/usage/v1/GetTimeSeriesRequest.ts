// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { UsageFilter as _hokusai_usage_v1_UsageFilter, UsageFilter__Output as _hokusai_usage_v1_UsageFilter__Output } from '../../../hokusai/usage/v1/UsageFilter.ts';
import type { Granularity as _hokusai_usage_v1_Granularity, Granularity__Output as _hokusai_usage_v1_Granularity__Output } from '../../../hokusai/usage/v1/Granularity.ts';

/**
 * Which requests, in which buckets.
 */
export interface GetTimeSeriesRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_usage_v1_Reader | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter'?: (_hokusai_usage_v1_UsageFilter | null);
  /**
   * Length of the buckets. INVALID_ARGUMENT for minutes of more than 2 days, hours of more than
   * 62, days of more than 1100.
   */
  'granularity'?: (_hokusai_usage_v1_Granularity);
  /**
   * IANA name: whose hours and days; empty means UTC. INVALID_ARGUMENT if there is no such zone.
   */
  'timeZone'?: (string);
}

/**
 * Which requests, in which buckets.
 */
export interface GetTimeSeriesRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter': (_hokusai_usage_v1_UsageFilter__Output | null);
  /**
   * Length of the buckets. INVALID_ARGUMENT for minutes of more than 2 days, hours of more than
   * 62, days of more than 1100.
   */
  'granularity': (_hokusai_usage_v1_Granularity__Output);
  /**
   * IANA name: whose hours and days; empty means UTC. INVALID_ARGUMENT if there is no such zone.
   */
  'timeZone': (string);
}
