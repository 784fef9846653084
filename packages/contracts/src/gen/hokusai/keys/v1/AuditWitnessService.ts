// Original file: protos/hokusai/keys/v1/witness.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListWitnessesRequest as _hokusai_keys_v1_ListWitnessesRequest, ListWitnessesRequest__Output as _hokusai_keys_v1_ListWitnessesRequest__Output } from '../../../hokusai/keys/v1/ListWitnessesRequest.ts';
import type { ListWitnessesResponse as _hokusai_keys_v1_ListWitnessesResponse, ListWitnessesResponse__Output as _hokusai_keys_v1_ListWitnessesResponse__Output } from '../../../hokusai/keys/v1/ListWitnessesResponse.ts';

/**
 * For whoever verifies the audit log: hashes that the owner of its database can't rewrite.
 * 
 * Errors as of KeyManagementService; PERMISSION_DENIED for who is no admin.
 */
export interface AuditWitnessServiceClient extends grpc.Client {
  /**
   * In the order of the log, keyset-paged. INVALID_ARGUMENT for a page_size over 10,000.
   */
  ListWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  ListWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  ListWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  ListWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * In the order of the log, keyset-paged. INVALID_ARGUMENT for a page_size over 10,000.
   */
  listWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  listWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  listWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  listWitnesses(argument: _hokusai_keys_v1_ListWitnessesRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ListWitnessesResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * For whoever verifies the audit log: hashes that the owner of its database can't rewrite.
 * 
 * Errors as of KeyManagementService; PERMISSION_DENIED for who is no admin.
 */
export interface AuditWitnessServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * In the order of the log, keyset-paged. INVALID_ARGUMENT for a page_size over 10,000.
   */
  ListWitnesses: grpc.handleUnaryCall<_hokusai_keys_v1_ListWitnessesRequest__Output, _hokusai_keys_v1_ListWitnessesResponse>;
  
}

export interface AuditWitnessServiceDefinition extends grpc.ServiceDefinition {
  ListWitnesses: MethodDefinition<_hokusai_keys_v1_ListWitnessesRequest, _hokusai_keys_v1_ListWitnessesResponse, _hokusai_keys_v1_ListWitnessesRequest__Output, _hokusai_keys_v1_ListWitnessesResponse__Output>
}
