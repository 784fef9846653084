// Original file: protos/hokusai/usage/v1/usage.proto

import type { EndpointUsage as _hokusai_usage_v1_EndpointUsage, EndpointUsage__Output as _hokusai_usage_v1_EndpointUsage__Output } from '../../../hokusai/usage/v1/EndpointUsage.ts';

/**
 * The endpoints.
 */
export interface ListEndpointsResponse {
  /**
   * In the order asked for.
   */
  'endpoints'?: (_hokusai_usage_v1_EndpointUsage)[];
}

/**
 * The endpoints.
 */
export interface ListEndpointsResponse__Output {
  /**
   * In the order asked for.
   */
  'endpoints': (_hokusai_usage_v1_EndpointUsage__Output)[];
}
