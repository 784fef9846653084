// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { UsageFilter as _hokusai_usage_v1_UsageFilter, UsageFilter__Output as _hokusai_usage_v1_UsageFilter__Output } from '../../../hokusai/usage/v1/UsageFilter.ts';
import type { EndpointOrder as _hokusai_usage_v1_EndpointOrder, EndpointOrder__Output as _hokusai_usage_v1_EndpointOrder__Output } from '../../../hokusai/usage/v1/EndpointOrder.ts';

/**
 * Which requests, by endpoint.
 */
export interface ListEndpointsRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_usage_v1_Reader | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter'?: (_hokusai_usage_v1_UsageFilter | null);
  /**
   * What comes first.
   */
  'order'?: (_hokusai_usage_v1_EndpointOrder);
  /**
   * How many endpoints, at most 100; 0 means 10.
   */
  'limit'?: (number);
}

/**
 * Which requests, by endpoint.
 */
export interface ListEndpointsRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter': (_hokusai_usage_v1_UsageFilter__Output | null);
  /**
   * What comes first.
   */
  'order': (_hokusai_usage_v1_EndpointOrder__Output);
  /**
   * How many endpoints, at most 100; 0 means 10.
   */
  'limit': (number);
}
