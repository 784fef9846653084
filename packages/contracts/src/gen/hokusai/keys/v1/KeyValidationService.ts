// Original file: protos/hokusai/keys/v1/validation.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { FollowRequest as _hokusai_keys_v1_FollowRequest, FollowRequest__Output as _hokusai_keys_v1_FollowRequest__Output } from '../../../hokusai/keys/v1/FollowRequest.ts';
import type { FollowResponse as _hokusai_keys_v1_FollowResponse, FollowResponse__Output as _hokusai_keys_v1_FollowResponse__Output } from '../../../hokusai/keys/v1/FollowResponse.ts';
import type { GetKeyStateRequest as _hokusai_keys_v1_GetKeyStateRequest, GetKeyStateRequest__Output as _hokusai_keys_v1_GetKeyStateRequest__Output } from '../../../hokusai/keys/v1/GetKeyStateRequest.ts';
import type { GetKeyStateResponse as _hokusai_keys_v1_GetKeyStateResponse, GetKeyStateResponse__Output as _hokusai_keys_v1_GetKeyStateResponse__Output } from '../../../hokusai/keys/v1/GetKeyStateResponse.ts';
import type { ValidateKeyRequest as _hokusai_keys_v1_ValidateKeyRequest, ValidateKeyRequest__Output as _hokusai_keys_v1_ValidateKeyRequest__Output } from '../../../hokusai/keys/v1/ValidateKeyRequest.ts';
import type { ValidateKeyResponse as _hokusai_keys_v1_ValidateKeyResponse, ValidateKeyResponse__Output as _hokusai_keys_v1_ValidateKeyResponse__Output } from '../../../hokusai/keys/v1/ValidateKeyResponse.ts';

/**
 * Proof and state of keys, for gateways.
 * 
 * Errors of every method: UNAUTHENTICATED (caller_unknown) and PERMISSION_DENIED
 * (method_not_granted) about the calling service; UNAVAILABLE while the database
 * can't be reached or is a standby; DEADLINE_EXCEEDED; INTERNAL.
 */
export interface KeyValidationServiceClient extends grpc.Client {
  /**
   * Tells a gateway what changed, and proves to it that it missed nothing:
   * whatever was committed before a ping was sent is in the tick that echoes it.
   * INVALID_ARGUMENT for messages out of order; UNAVAILABLE when the replica stops,
   * gives no ticks, or its ticks are not taken: open a new stream, to any replica.
   */
  Follow(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_hokusai_keys_v1_FollowRequest, _hokusai_keys_v1_FollowResponse__Output>;
  Follow(options?: grpc.CallOptions): grpc.ClientDuplexStream<_hokusai_keys_v1_FollowRequest, _hokusai_keys_v1_FollowResponse__Output>;
  /**
   * Tells a gateway what changed, and proves to it that it missed nothing:
   * whatever was committed before a ping was sent is in the tick that echoes it.
   * INVALID_ARGUMENT for messages out of order; UNAVAILABLE when the replica stops,
   * gives no ticks, or its ticks are not taken: open a new stream, to any replica.
   */
  follow(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_hokusai_keys_v1_FollowRequest, _hokusai_keys_v1_FollowResponse__Output>;
  follow(options?: grpc.CallOptions): grpc.ClientDuplexStream<_hokusai_keys_v1_FollowRequest, _hokusai_keys_v1_FollowResponse__Output>;
  
  /**
   * Reads the state of a key that has been proved before: one indexed read, no
   * hash. A key that there isn't is an answer without a state, not an error.
   */
  GetKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  GetKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  GetKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  GetKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reads the state of a key that has been proved before: one indexed read, no
   * hash. A key that there isn't is an answer without a state, not an error.
   */
  getKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  getKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  getKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  getKeyState(argument: _hokusai_keys_v1_GetKeyStateRequest, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyStateResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Proves a secret and reads its key's state. An unknown secret is an answer,
   * not an error. UNAVAILABLE (hashing_queue_full) with a RetryInfo if too many
   * secrets that no pepper fits are being hashed.
   */
  ValidateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  ValidateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  ValidateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  ValidateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Proves a secret and reads its key's state. An unknown secret is an answer,
   * not an error. UNAVAILABLE (hashing_queue_full) with a RetryInfo if too many
   * secrets that no pepper fits are being hashed.
   */
  validateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  validateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  validateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  validateKey(argument: _hokusai_keys_v1_ValidateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ValidateKeyResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Proof and state of keys, for gateways.
 * 
 * Errors of every method: UNAUTHENTICATED (caller_unknown) and PERMISSION_DENIED
 * (method_not_granted) about the calling service; UNAVAILABLE while the database
 * can't be reached or is a standby; DEADLINE_EXCEEDED; INTERNAL.
 */
export interface KeyValidationServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Tells a gateway what changed, and proves to it that it missed nothing:
   * whatever was committed before a ping was sent is in the tick that echoes it.
   * INVALID_ARGUMENT for messages out of order; UNAVAILABLE when the replica stops,
   * gives no ticks, or its ticks are not taken: open a new stream, to any replica.
   */
  Follow: grpc.handleBidiStreamingCall<_hokusai_keys_v1_FollowRequest__Output, _hokusai_keys_v1_FollowResponse>;
  
  /**
   * Reads the state of a key that has been proved before: one indexed read, no
   * hash. A key that there isn't is an answer without a state, not an error.
   */
  GetKeyState: grpc.handleUnaryCall<_hokusai_keys_v1_GetKeyStateRequest__Output, _hokusai_keys_v1_GetKeyStateResponse>;
  
  /**
   * Proves a secret and reads its key's state. An unknown secret is an answer,
   * not an error. UNAVAILABLE (hashing_queue_full) with a RetryInfo if too many
   * secrets that no pepper fits are being hashed.
   */
  ValidateKey: grpc.handleUnaryCall<_hokusai_keys_v1_ValidateKeyRequest__Output, _hokusai_keys_v1_ValidateKeyResponse>;
  
}

export interface KeyValidationServiceDefinition extends grpc.ServiceDefinition {
  Follow: MethodDefinition<_hokusai_keys_v1_FollowRequest, _hokusai_keys_v1_FollowResponse, _hokusai_keys_v1_FollowRequest__Output, _hokusai_keys_v1_FollowResponse__Output>
  GetKeyState: MethodDefinition<_hokusai_keys_v1_GetKeyStateRequest, _hokusai_keys_v1_GetKeyStateResponse, _hokusai_keys_v1_GetKeyStateRequest__Output, _hokusai_keys_v1_GetKeyStateResponse__Output>
  ValidateKey: MethodDefinition<_hokusai_keys_v1_ValidateKeyRequest, _hokusai_keys_v1_ValidateKeyResponse, _hokusai_keys_v1_ValidateKeyRequest__Output, _hokusai_keys_v1_ValidateKeyResponse__Output>
}
