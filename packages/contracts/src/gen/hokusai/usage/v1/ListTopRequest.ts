// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { UsageFilter as _hokusai_usage_v1_UsageFilter, UsageFilter__Output as _hokusai_usage_v1_UsageFilter__Output } from '../../../hokusai/usage/v1/UsageFilter.ts';
import type { TopDimension as _hokusai_usage_v1_TopDimension, TopDimension__Output as _hokusai_usage_v1_TopDimension__Output } from '../../../hokusai/usage/v1/TopDimension.ts';

/**
 * Which requests, ranked by what.
 */
export interface ListTopRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_usage_v1_Reader | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter'?: (_hokusai_usage_v1_UsageFilter | null);
  /**
   * What to rank.
   */
  'dimension'?: (_hokusai_usage_v1_TopDimension);
  /**
   * How many of them, at most 100; 0 means 10.
   */
  'limit'?: (number);
}

/**
 * Which requests, ranked by what.
 */
export interface ListTopRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter': (_hokusai_usage_v1_UsageFilter__Output | null);
  /**
   * What to rank.
   */
  'dimension': (_hokusai_usage_v1_TopDimension__Output);
  /**
   * How many of them, at most 100; 0 means 10.
   */
  'limit': (number);
}
