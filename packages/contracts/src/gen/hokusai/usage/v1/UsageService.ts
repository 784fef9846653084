// Original file: protos/hokusai/usage/v1/usage.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetIntegrityRequest as _hokusai_usage_v1_GetIntegrityRequest, GetIntegrityRequest__Output as _hokusai_usage_v1_GetIntegrityRequest__Output } from '../../../hokusai/usage/v1/GetIntegrityRequest.ts';
import type { GetIntegrityResponse as _hokusai_usage_v1_GetIntegrityResponse, GetIntegrityResponse__Output as _hokusai_usage_v1_GetIntegrityResponse__Output } from '../../../hokusai/usage/v1/GetIntegrityResponse.ts';
import type { GetSummaryRequest as _hokusai_usage_v1_GetSummaryRequest, GetSummaryRequest__Output as _hokusai_usage_v1_GetSummaryRequest__Output } from '../../../hokusai/usage/v1/GetSummaryRequest.ts';
import type { GetSummaryResponse as _hokusai_usage_v1_GetSummaryResponse, GetSummaryResponse__Output as _hokusai_usage_v1_GetSummaryResponse__Output } from '../../../hokusai/usage/v1/GetSummaryResponse.ts';
import type { GetTimeSeriesRequest as _hokusai_usage_v1_GetTimeSeriesRequest, GetTimeSeriesRequest__Output as _hokusai_usage_v1_GetTimeSeriesRequest__Output } from '../../../hokusai/usage/v1/GetTimeSeriesRequest.ts';
import type { GetTimeSeriesResponse as _hokusai_usage_v1_GetTimeSeriesResponse, GetTimeSeriesResponse__Output as _hokusai_usage_v1_GetTimeSeriesResponse__Output } from '../../../hokusai/usage/v1/GetTimeSeriesResponse.ts';
import type { ListEndpointsRequest as _hokusai_usage_v1_ListEndpointsRequest, ListEndpointsRequest__Output as _hokusai_usage_v1_ListEndpointsRequest__Output } from '../../../hokusai/usage/v1/ListEndpointsRequest.ts';
import type { ListEndpointsResponse as _hokusai_usage_v1_ListEndpointsResponse, ListEndpointsResponse__Output as _hokusai_usage_v1_ListEndpointsResponse__Output } from '../../../hokusai/usage/v1/ListEndpointsResponse.ts';
import type { ListObservedRequest as _hokusai_usage_v1_ListObservedRequest, ListObservedRequest__Output as _hokusai_usage_v1_ListObservedRequest__Output } from '../../../hokusai/usage/v1/ListObservedRequest.ts';
import type { ListObservedResponse as _hokusai_usage_v1_ListObservedResponse, ListObservedResponse__Output as _hokusai_usage_v1_ListObservedResponse__Output } from '../../../hokusai/usage/v1/ListObservedResponse.ts';
import type { ListTopRequest as _hokusai_usage_v1_ListTopRequest, ListTopRequest__Output as _hokusai_usage_v1_ListTopRequest__Output } from '../../../hokusai/usage/v1/ListTopRequest.ts';
import type { ListTopResponse as _hokusai_usage_v1_ListTopResponse, ListTopResponse__Output as _hokusai_usage_v1_ListTopResponse__Output } from '../../../hokusai/usage/v1/ListTopResponse.ts';
import type { ListUnusedKeysRequest as _hokusai_usage_v1_ListUnusedKeysRequest, ListUnusedKeysRequest__Output as _hokusai_usage_v1_ListUnusedKeysRequest__Output } from '../../../hokusai/usage/v1/ListUnusedKeysRequest.ts';
import type { ListUnusedKeysResponse as _hokusai_usage_v1_ListUnusedKeysResponse, ListUnusedKeysResponse__Output as _hokusai_usage_v1_ListUnusedKeysResponse__Output } from '../../../hokusai/usage/v1/ListUnusedKeysResponse.ts';

/**
 * Summaries of stored usage, and the proof that nothing is missing from it.
 * 
 * Errors of every method: UNAUTHENTICATED (caller_unknown) and PERMISSION_DENIED
 * (method_not_granted) about the calling service; UNAUTHENTICATED also where the reader
 * names no user; INVALID_ARGUMENT with a `BadRequest`; UNAVAILABLE while the database
 * can't be reached; DEADLINE_EXCEEDED; INTERNAL.
 */
export interface UsageServiceClient extends grpc.Client {
  /**
   * Per gateway incarnation: assigned = received = stored = rolled up, or where not.
   * PERMISSION_DENIED for members.
   */
  GetIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  GetIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  GetIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  GetIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Per gateway incarnation: assigned = received = stored = rolled up, or where not.
   * PERMISSION_DENIED for members.
   */
  getIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  getIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  getIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  getIntegrity(argument: _hokusai_usage_v1_GetIntegrityRequest, callback: grpc.requestCallback<_hokusai_usage_v1_GetIntegrityResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Totals of a period. PERMISSION_DENIED for a member who asks for another user's.
   */
  GetSummary(argument: _hokusai_usage_v1_GetSummaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetSummary(argument: _hokusai_usage_v1_GetSummaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetSummary(argument: _hokusai_usage_v1_GetSummaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  GetSummary(argument: _hokusai_usage_v1_GetSummaryRequest, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Totals of a period. PERMISSION_DENIED for a member who asks for another user's.
   */
  getSummary(argument: _hokusai_usage_v1_GetSummaryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  getSummary(argument: _hokusai_usage_v1_GetSummaryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  getSummary(argument: _hokusai_usage_v1_GetSummaryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  getSummary(argument: _hokusai_usage_v1_GetSummaryRequest, callback: grpc.requestCallback<_hokusai_usage_v1_GetSummaryResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * The same per bucket of time; empty buckets are filled in.
   */
  GetTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  GetTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  GetTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  GetTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * The same per bucket of time; empty buckets are filled in.
   */
  getTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  getTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  getTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  getTimeSeries(argument: _hokusai_usage_v1_GetTimeSeriesRequest, callback: grpc.requestCallback<_hokusai_usage_v1_GetTimeSeriesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Endpoints by number of requests or by latency.
   */
  ListEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  ListEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  ListEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  ListEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Endpoints by number of requests or by latency.
   */
  listEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  listEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  listEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  listEndpoints(argument: _hokusai_usage_v1_ListEndpointsRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListEndpointsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Clients whose requests gateways served and would have refused, where they observe only:
   * by reason, most requests first. PERMISSION_DENIED for members.
   */
  ListObserved(argument: _hokusai_usage_v1_ListObservedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  ListObserved(argument: _hokusai_usage_v1_ListObservedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  ListObserved(argument: _hokusai_usage_v1_ListObservedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  ListObserved(argument: _hokusai_usage_v1_ListObservedRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Clients whose requests gateways served and would have refused, where they observe only:
   * by reason, most requests first. PERMISSION_DENIED for members.
   */
  listObserved(argument: _hokusai_usage_v1_ListObservedRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  listObserved(argument: _hokusai_usage_v1_ListObservedRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  listObserved(argument: _hokusai_usage_v1_ListObservedRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  listObserved(argument: _hokusai_usage_v1_ListObservedRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListObservedResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Keys, endpoints or addresses with the most requests.
   */
  ListTop(argument: _hokusai_usage_v1_ListTopRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  ListTop(argument: _hokusai_usage_v1_ListTopRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  ListTop(argument: _hokusai_usage_v1_ListTopRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  ListTop(argument: _hokusai_usage_v1_ListTopRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Keys, endpoints or addresses with the most requests.
   */
  listTop(argument: _hokusai_usage_v1_ListTopRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  listTop(argument: _hokusai_usage_v1_ListTopRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  listTop(argument: _hokusai_usage_v1_ListTopRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  listTop(argument: _hokusai_usage_v1_ListTopRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListTopResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Active keys without a request for some days; a member's own.
   */
  ListUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  ListUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  ListUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  ListUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Active keys without a request for some days; a member's own.
   */
  listUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  listUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  listUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  listUnusedKeys(argument: _hokusai_usage_v1_ListUnusedKeysRequest, callback: grpc.requestCallback<_hokusai_usage_v1_ListUnusedKeysResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Summaries of stored usage, and the proof that nothing is missing from it.
 * 
 * Errors of every method: UNAUTHENTICATED (caller_unknown) and PERMISSION_DENIED
 * (method_not_granted) about the calling service; UNAUTHENTICATED also where the reader
 * names no user; INVALID_ARGUMENT with a `BadRequest`; UNAVAILABLE while the database
 * can't be reached; DEADLINE_EXCEEDED; INTERNAL.
 */
export interface UsageServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Per gateway incarnation: assigned = received = stored = rolled up, or where not.
   * PERMISSION_DENIED for members.
   */
  GetIntegrity: grpc.handleUnaryCall<_hokusai_usage_v1_GetIntegrityRequest__Output, _hokusai_usage_v1_GetIntegrityResponse>;
  
  /**
   * Totals of a period. PERMISSION_DENIED for a member who asks for another user's.
   */
  GetSummary: grpc.handleUnaryCall<_hokusai_usage_v1_GetSummaryRequest__Output, _hokusai_usage_v1_GetSummaryResponse>;
  
  /**
   * The same per bucket of time; empty buckets are filled in.
   */
  GetTimeSeries: grpc.handleUnaryCall<_hokusai_usage_v1_GetTimeSeriesRequest__Output, _hokusai_usage_v1_GetTimeSeriesResponse>;
  
  /**
   * Endpoints by number of requests or by latency.
   */
  ListEndpoints: grpc.handleUnaryCall<_hokusai_usage_v1_ListEndpointsRequest__Output, _hokusai_usage_v1_ListEndpointsResponse>;
  
  /**
   * Clients whose requests gateways served and would have refused, where they observe only:
   * by reason, most requests first. PERMISSION_DENIED for members.
   */
  ListObserved: grpc.handleUnaryCall<_hokusai_usage_v1_ListObservedRequest__Output, _hokusai_usage_v1_ListObservedResponse>;
  
  /**
   * Keys, endpoints or addresses with the most requests.
   */
  ListTop: grpc.handleUnaryCall<_hokusai_usage_v1_ListTopRequest__Output, _hokusai_usage_v1_ListTopResponse>;
  
  /**
   * Active keys without a request for some days; a member's own.
   */
  ListUnusedKeys: grpc.handleUnaryCall<_hokusai_usage_v1_ListUnusedKeysRequest__Output, _hokusai_usage_v1_ListUnusedKeysResponse>;
  
}

export interface UsageServiceDefinition extends grpc.ServiceDefinition {
  GetIntegrity: MethodDefinition<_hokusai_usage_v1_GetIntegrityRequest, _hokusai_usage_v1_GetIntegrityResponse, _hokusai_usage_v1_GetIntegrityRequest__Output, _hokusai_usage_v1_GetIntegrityResponse__Output>
  GetSummary: MethodDefinition<_hokusai_usage_v1_GetSummaryRequest, _hokusai_usage_v1_GetSummaryResponse, _hokusai_usage_v1_GetSummaryRequest__Output, _hokusai_usage_v1_GetSummaryResponse__Output>
  GetTimeSeries: MethodDefinition<_hokusai_usage_v1_GetTimeSeriesRequest, _hokusai_usage_v1_GetTimeSeriesResponse, _hokusai_usage_v1_GetTimeSeriesRequest__Output, _hokusai_usage_v1_GetTimeSeriesResponse__Output>
  ListEndpoints: MethodDefinition<_hokusai_usage_v1_ListEndpointsRequest, _hokusai_usage_v1_ListEndpointsResponse, _hokusai_usage_v1_ListEndpointsRequest__Output, _hokusai_usage_v1_ListEndpointsResponse__Output>
  ListObserved: MethodDefinition<_hokusai_usage_v1_ListObservedRequest, _hokusai_usage_v1_ListObservedResponse, _hokusai_usage_v1_ListObservedRequest__Output, _hokusai_usage_v1_ListObservedResponse__Output>
  ListTop: MethodDefinition<_hokusai_usage_v1_ListTopRequest, _hokusai_usage_v1_ListTopResponse, _hokusai_usage_v1_ListTopRequest__Output, _hokusai_usage_v1_ListTopResponse__Output>
  ListUnusedKeys: MethodDefinition<_hokusai_usage_v1_ListUnusedKeysRequest, _hokusai_usage_v1_ListUnusedKeysResponse, _hokusai_usage_v1_ListUnusedKeysRequest__Output, _hokusai_usage_v1_ListUnusedKeysResponse__Output>
}
