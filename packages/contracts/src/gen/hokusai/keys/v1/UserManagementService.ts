// Original file: protos/hokusai/keys/v1/management.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateUserRequest as _hokusai_keys_v1_CreateUserRequest, CreateUserRequest__Output as _hokusai_keys_v1_CreateUserRequest__Output } from '../../../hokusai/keys/v1/CreateUserRequest.ts';
import type { CreateUserResponse as _hokusai_keys_v1_CreateUserResponse, CreateUserResponse__Output as _hokusai_keys_v1_CreateUserResponse__Output } from '../../../hokusai/keys/v1/CreateUserResponse.ts';
import type { GetUserRequest as _hokusai_keys_v1_GetUserRequest, GetUserRequest__Output as _hokusai_keys_v1_GetUserRequest__Output } from '../../../hokusai/keys/v1/GetUserRequest.ts';
import type { GetUserResponse as _hokusai_keys_v1_GetUserResponse, GetUserResponse__Output as _hokusai_keys_v1_GetUserResponse__Output } from '../../../hokusai/keys/v1/GetUserResponse.ts';
import type { ListUsersRequest as _hokusai_keys_v1_ListUsersRequest, ListUsersRequest__Output as _hokusai_keys_v1_ListUsersRequest__Output } from '../../../hokusai/keys/v1/ListUsersRequest.ts';
import type { ListUsersResponse as _hokusai_keys_v1_ListUsersResponse, ListUsersResponse__Output as _hokusai_keys_v1_ListUsersResponse__Output } from '../../../hokusai/keys/v1/ListUsersResponse.ts';
import type { UpdateUserRequest as _hokusai_keys_v1_UpdateUserRequest, UpdateUserRequest__Output as _hokusai_keys_v1_UpdateUserRequest__Output } from '../../../hokusai/keys/v1/UpdateUserRequest.ts';
import type { UpdateUserResponse as _hokusai_keys_v1_UpdateUserResponse, UpdateUserResponse__Output as _hokusai_keys_v1_UpdateUserResponse__Output } from '../../../hokusai/keys/v1/UpdateUserResponse.ts';

/**
 * Users, for admins: every method needs the scope admin.
 */
export interface UserManagementServiceClient extends grpc.Client {
  /**
   * Makes a user without keys. ALREADY_EXISTS (external_id_taken); with an Idempotency as
   * KeyManagementService.CreateKey.
   */
  CreateUser(argument: _hokusai_keys_v1_CreateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  CreateUser(argument: _hokusai_keys_v1_CreateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  CreateUser(argument: _hokusai_keys_v1_CreateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  CreateUser(argument: _hokusai_keys_v1_CreateUserRequest, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a user without keys. ALREADY_EXISTS (external_id_taken); with an Idempotency as
   * KeyManagementService.CreateKey.
   */
  createUser(argument: _hokusai_keys_v1_CreateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _hokusai_keys_v1_CreateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _hokusai_keys_v1_CreateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  createUser(argument: _hokusai_keys_v1_CreateUserRequest, callback: grpc.requestCallback<_hokusai_keys_v1_CreateUserResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * One user by id. NOT_FOUND (user_not_found).
   */
  GetUser(argument: _hokusai_keys_v1_GetUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _hokusai_keys_v1_GetUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _hokusai_keys_v1_GetUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  GetUser(argument: _hokusai_keys_v1_GetUserRequest, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  /**
   * One user by id. NOT_FOUND (user_not_found).
   */
  getUser(argument: _hokusai_keys_v1_GetUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _hokusai_keys_v1_GetUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _hokusai_keys_v1_GetUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  getUser(argument: _hokusai_keys_v1_GetUserRequest, callback: grpc.requestCallback<_hokusai_keys_v1_GetUserResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Newest first, keyset-paged. INVALID_ARGUMENT (invalid_cursor) for a cursor that no page
   * gave.
   */
  ListUsers(argument: _hokusai_keys_v1_ListUsersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _hokusai_keys_v1_ListUsersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _hokusai_keys_v1_ListUsersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  ListUsers(argument: _hokusai_keys_v1_ListUsersRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Newest first, keyset-paged. INVALID_ARGUMENT (invalid_cursor) for a cursor that no page
   * gave.
   */
  listUsers(argument: _hokusai_keys_v1_ListUsersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _hokusai_keys_v1_ListUsersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _hokusai_keys_v1_ListUsersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  listUsers(argument: _hokusai_keys_v1_ListUsersRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ListUsersResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Changes what the mask names; disabling stops all keys of the user at once. NOT_FOUND
   * (user_not_found). INVALID_ARGUMENT (own_account) for admins who would disable or
   * demote themselves.
   */
  UpdateUser(argument: _hokusai_keys_v1_UpdateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  UpdateUser(argument: _hokusai_keys_v1_UpdateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  UpdateUser(argument: _hokusai_keys_v1_UpdateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  UpdateUser(argument: _hokusai_keys_v1_UpdateUserRequest, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Changes what the mask names; disabling stops all keys of the user at once. NOT_FOUND
   * (user_not_found). INVALID_ARGUMENT (own_account) for admins who would disable or
   * demote themselves.
   */
  updateUser(argument: _hokusai_keys_v1_UpdateUserRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  updateUser(argument: _hokusai_keys_v1_UpdateUserRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  updateUser(argument: _hokusai_keys_v1_UpdateUserRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  updateUser(argument: _hokusai_keys_v1_UpdateUserRequest, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateUserResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Users, for admins: every method needs the scope admin.
 */
export interface UserManagementServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Makes a user without keys. ALREADY_EXISTS (external_id_taken); with an Idempotency as
   * KeyManagementService.CreateKey.
   */
  CreateUser: grpc.handleUnaryCall<_hokusai_keys_v1_CreateUserRequest__Output, _hokusai_keys_v1_CreateUserResponse>;
  
  /**
   * One user by id. NOT_FOUND (user_not_found).
   */
  GetUser: grpc.handleUnaryCall<_hokusai_keys_v1_GetUserRequest__Output, _hokusai_keys_v1_GetUserResponse>;
  
  /**
   * Newest first, keyset-paged. INVALID_ARGUMENT (invalid_cursor) for a cursor that no page
   * gave.
   */
  ListUsers: grpc.handleUnaryCall<_hokusai_keys_v1_ListUsersRequest__Output, _hokusai_keys_v1_ListUsersResponse>;
  
  /**
   * Changes what the mask names; disabling stops all keys of the user at once. NOT_FOUND
   * (user_not_found). INVALID_ARGUMENT (own_account) for admins who would disable or
   * demote themselves.
   */
  UpdateUser: grpc.handleUnaryCall<_hokusai_keys_v1_UpdateUserRequest__Output, _hokusai_keys_v1_UpdateUserResponse>;
  
}

export interface UserManagementServiceDefinition extends grpc.ServiceDefinition {
  CreateUser: MethodDefinition<_hokusai_keys_v1_CreateUserRequest, _hokusai_keys_v1_CreateUserResponse, _hokusai_keys_v1_CreateUserRequest__Output, _hokusai_keys_v1_CreateUserResponse__Output>
  GetUser: MethodDefinition<_hokusai_keys_v1_GetUserRequest, _hokusai_keys_v1_GetUserResponse, _hokusai_keys_v1_GetUserRequest__Output, _hokusai_keys_v1_GetUserResponse__Output>
  ListUsers: MethodDefinition<_hokusai_keys_v1_ListUsersRequest, _hokusai_keys_v1_ListUsersResponse, _hokusai_keys_v1_ListUsersRequest__Output, _hokusai_keys_v1_ListUsersResponse__Output>
  UpdateUser: MethodDefinition<_hokusai_keys_v1_UpdateUserRequest, _hokusai_keys_v1_UpdateUserResponse, _hokusai_keys_v1_UpdateUserRequest__Output, _hokusai_keys_v1_UpdateUserResponse__Output>
}
