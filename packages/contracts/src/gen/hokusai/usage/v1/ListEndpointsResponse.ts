// Original file: protos/hokusai/usage/v1/usage.proto

import type { EndpointUsage as _hokusai_usage_v1_EndpointUsage, EndpointUsage__Output as _hokusai_usage_v1_EndpointUsage__Output } from '../../../hokusai/usage/v1/EndpointUsage.ts';

export interface ListEndpointsResponse {
  'endpoints'?: (_hokusai_usage_v1_EndpointUsage)[];
}

export interface ListEndpointsResponse__Output {
  'endpoints': (_hokusai_usage_v1_EndpointUsage__Output)[];
}
