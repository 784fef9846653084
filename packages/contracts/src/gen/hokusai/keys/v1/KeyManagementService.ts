// Original file: protos/hokusai/keys/v1/management.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CreateKeyRequest as _hokusai_keys_v1_CreateKeyRequest, CreateKeyRequest__Output as _hokusai_keys_v1_CreateKeyRequest__Output } from '../../../hokusai/keys/v1/CreateKeyRequest.ts';
import type { CreateKeyResponse as _hokusai_keys_v1_CreateKeyResponse, CreateKeyResponse__Output as _hokusai_keys_v1_CreateKeyResponse__Output } from '../../../hokusai/keys/v1/CreateKeyResponse.ts';
import type { EndRetiredSecretRequest as _hokusai_keys_v1_EndRetiredSecretRequest, EndRetiredSecretRequest__Output as _hokusai_keys_v1_EndRetiredSecretRequest__Output } from '../../../hokusai/keys/v1/EndRetiredSecretRequest.ts';
import type { EndRetiredSecretResponse as _hokusai_keys_v1_EndRetiredSecretResponse, EndRetiredSecretResponse__Output as _hokusai_keys_v1_EndRetiredSecretResponse__Output } from '../../../hokusai/keys/v1/EndRetiredSecretResponse.ts';
import type { GetKeyRequest as _hokusai_keys_v1_GetKeyRequest, GetKeyRequest__Output as _hokusai_keys_v1_GetKeyRequest__Output } from '../../../hokusai/keys/v1/GetKeyRequest.ts';
import type { GetKeyResponse as _hokusai_keys_v1_GetKeyResponse, GetKeyResponse__Output as _hokusai_keys_v1_GetKeyResponse__Output } from '../../../hokusai/keys/v1/GetKeyResponse.ts';
import type { ListKeysRequest as _hokusai_keys_v1_ListKeysRequest, ListKeysRequest__Output as _hokusai_keys_v1_ListKeysRequest__Output } from '../../../hokusai/keys/v1/ListKeysRequest.ts';
import type { ListKeysResponse as _hokusai_keys_v1_ListKeysResponse, ListKeysResponse__Output as _hokusai_keys_v1_ListKeysResponse__Output } from '../../../hokusai/keys/v1/ListKeysResponse.ts';
import type { RevokeKeyRequest as _hokusai_keys_v1_RevokeKeyRequest, RevokeKeyRequest__Output as _hokusai_keys_v1_RevokeKeyRequest__Output } from '../../../hokusai/keys/v1/RevokeKeyRequest.ts';
import type { RevokeKeyResponse as _hokusai_keys_v1_RevokeKeyResponse, RevokeKeyResponse__Output as _hokusai_keys_v1_RevokeKeyResponse__Output } from '../../../hokusai/keys/v1/RevokeKeyResponse.ts';
import type { RotateKeyRequest as _hokusai_keys_v1_RotateKeyRequest, RotateKeyRequest__Output as _hokusai_keys_v1_RotateKeyRequest__Output } from '../../../hokusai/keys/v1/RotateKeyRequest.ts';
import type { RotateKeyResponse as _hokusai_keys_v1_RotateKeyResponse, RotateKeyResponse__Output as _hokusai_keys_v1_RotateKeyResponse__Output } from '../../../hokusai/keys/v1/RotateKeyResponse.ts';
import type { UpdateKeyRequest as _hokusai_keys_v1_UpdateKeyRequest, UpdateKeyRequest__Output as _hokusai_keys_v1_UpdateKeyRequest__Output } from '../../../hokusai/keys/v1/UpdateKeyRequest.ts';
import type { UpdateKeyResponse as _hokusai_keys_v1_UpdateKeyResponse, UpdateKeyResponse__Output as _hokusai_keys_v1_UpdateKeyResponse__Output } from '../../../hokusai/keys/v1/UpdateKeyResponse.ts';

/**
 * Keys: create, look at, change, rotate, revoke.
 */
export interface KeyManagementServiceClient extends grpc.Client {
  /**
   * Makes a key. The plaintext is in the answer and nowhere else. Scope keys:write.
   * 
   * INVALID_ARGUMENT also where the key would get more than the acting one may hand on
   * (scope_not_held, expiry_beyond_actor, address_beyond_actor, environment_escalation),
   * and for an owner who isn't the caller's to choose (user_not_found) or is disabled
   * (owner_disabled).
   * FAILED_PRECONDITION (too_many_keys) if its owner has as many keys as a member may have.
   * With an Idempotency: ABORTED (still_running) while the first request is being worked
   * on, ABORTED (answer_lost) if its answer can't be given again, INVALID_ARGUMENT if it was
   * another request, or if the key or fingerprint is none (invalid_idempotency_key).
   * UNAVAILABLE (hashing_queue_full).
   */
  CreateKey(argument: _hokusai_keys_v1_CreateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  CreateKey(argument: _hokusai_keys_v1_CreateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  CreateKey(argument: _hokusai_keys_v1_CreateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  CreateKey(argument: _hokusai_keys_v1_CreateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Makes a key. The plaintext is in the answer and nowhere else. Scope keys:write.
   * 
   * INVALID_ARGUMENT also where the key would get more than the acting one may hand on
   * (scope_not_held, expiry_beyond_actor, address_beyond_actor, environment_escalation),
   * and for an owner who isn't the caller's to choose (user_not_found) or is disabled
   * (owner_disabled).
   * FAILED_PRECONDITION (too_many_keys) if its owner has as many keys as a member may have.
   * With an Idempotency: ABORTED (still_running) while the first request is being worked
   * on, ABORTED (answer_lost) if its answer can't be given again, INVALID_ARGUMENT if it was
   * another request, or if the key or fingerprint is none (invalid_idempotency_key).
   * UNAVAILABLE (hashing_queue_full).
   */
  createKey(argument: _hokusai_keys_v1_CreateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  createKey(argument: _hokusai_keys_v1_CreateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  createKey(argument: _hokusai_keys_v1_CreateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  createKey(argument: _hokusai_keys_v1_CreateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_CreateKeyResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Ends the grace of a retired secret now. Of one that has ended it changes nothing and
   * answers the same. Scope keys:write. NOT_FOUND: key_not_found also for a key that the
   * caller may not see, secret_not_found where the key has no such retired secret.
   */
  EndRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  EndRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  EndRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  EndRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Ends the grace of a retired secret now. Of one that has ended it changes nothing and
   * answers the same. Scope keys:write. NOT_FOUND: key_not_found also for a key that the
   * caller may not see, secret_not_found where the key has no such retired secret.
   */
  endRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  endRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  endRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  endRetiredSecret(argument: _hokusai_keys_v1_EndRetiredSecretRequest, callback: grpc.requestCallback<_hokusai_keys_v1_EndRetiredSecretResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * One key by id. Scope keys:read. NOT_FOUND (key_not_found) also for a key that the
   * caller may not see.
   */
  GetKey(argument: _hokusai_keys_v1_GetKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  GetKey(argument: _hokusai_keys_v1_GetKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  GetKey(argument: _hokusai_keys_v1_GetKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  GetKey(argument: _hokusai_keys_v1_GetKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * One key by id. Scope keys:read. NOT_FOUND (key_not_found) also for a key that the
   * caller may not see.
   */
  getKey(argument: _hokusai_keys_v1_GetKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  getKey(argument: _hokusai_keys_v1_GetKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  getKey(argument: _hokusai_keys_v1_GetKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  getKey(argument: _hokusai_keys_v1_GetKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_GetKeyResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Newest first, keyset-paged. Members see their own keys. Scope keys:read.
   * INVALID_ARGUMENT (invalid_cursor) for a cursor that no page gave.
   */
  ListKeys(argument: _hokusai_keys_v1_ListKeysRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  ListKeys(argument: _hokusai_keys_v1_ListKeysRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  ListKeys(argument: _hokusai_keys_v1_ListKeysRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  ListKeys(argument: _hokusai_keys_v1_ListKeysRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Newest first, keyset-paged. Members see their own keys. Scope keys:read.
   * INVALID_ARGUMENT (invalid_cursor) for a cursor that no page gave.
   */
  listKeys(argument: _hokusai_keys_v1_ListKeysRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  listKeys(argument: _hokusai_keys_v1_ListKeysRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  listKeys(argument: _hokusai_keys_v1_ListKeysRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  listKeys(argument: _hokusai_keys_v1_ListKeysRequest, callback: grpc.requestCallback<_hokusai_keys_v1_ListKeysResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Stops the key for good. Revoking a revoked key changes nothing and answers the same.
   * Scope keys:write. NOT_FOUND (key_not_found) also for a key that the caller may not see.
   * With wait: UNAVAILABLE (receipt_unavailable) where the key is revoked, but the gateways
   * can't be read. A caller that goes away ends the wait, and undoes nothing.
   */
  RevokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  RevokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  RevokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  RevokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Stops the key for good. Revoking a revoked key changes nothing and answers the same.
   * Scope keys:write. NOT_FOUND (key_not_found) also for a key that the caller may not see.
   * With wait: UNAVAILABLE (receipt_unavailable) where the key is revoked, but the gateways
   * can't be read. A caller that goes away ends the wait, and undoes nothing.
   */
  revokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  revokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  revokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  revokeKey(argument: _hokusai_keys_v1_RevokeKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_RevokeKeyResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Gives the key a new secret; the old one works until the grace ends. Id, name, limits
   * and history stay. The plaintext is in the answer and nowhere else. Scope keys:write.
   * 
   * PERMISSION_DENIED (scope_not_held, expiry_beyond_actor, address_beyond_actor,
   * limit_beyond_actor, environment_escalation) if the key may do more than the acting
   * one, which may always rotate itself. NOT_FOUND (key_not_found) also for a key that the
   * caller may not see. FAILED_PRECONDITION: key_revoked, key_expired, too_many_secrets
   * (five replaced ones are still in their grace). ABORTED (concurrent_change) if another
   * rotation came first. With an Idempotency as CreateKey. UNAVAILABLE (hashing_queue_full).
   */
  RotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  RotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  RotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  RotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Gives the key a new secret; the old one works until the grace ends. Id, name, limits
   * and history stay. The plaintext is in the answer and nowhere else. Scope keys:write.
   * 
   * PERMISSION_DENIED (scope_not_held, expiry_beyond_actor, address_beyond_actor,
   * limit_beyond_actor, environment_escalation) if the key may do more than the acting
   * one, which may always rotate itself. NOT_FOUND (key_not_found) also for a key that the
   * caller may not see. FAILED_PRECONDITION: key_revoked, key_expired, too_many_secrets
   * (five replaced ones are still in their grace). ABORTED (concurrent_change) if another
   * rotation came first. With an Idempotency as CreateKey. UNAVAILABLE (hashing_queue_full).
   */
  rotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  rotateKey(argument: _hokusai_keys_v1_RotateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_RotateKeyResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Changes what the mask names. Scope keys:write.
   * 
   * What gets tighter may always get so. What gets looser must be the acting key's to hand
   * on and, unless an admin does it, within the key that created this one, else
   * INVALID_ARGUMENT: scope_not_held, expiry_beyond_actor, address_beyond_actor,
   * scope_beyond_creator, expiry_beyond_creator, address_beyond_creator, limit_loosened,
   * environment_escalation.
   * NOT_FOUND (key_not_found) also for a key that the caller may not see. FAILED_PRECONDITION
   * (key_revoked) for a revoked key; (too_many_keys) where an expired one would work again.
   * ABORTED (version_mismatch) if it hasn't the version that the change is meant for.
   */
  UpdateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  UpdateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  UpdateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  UpdateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Changes what the mask names. Scope keys:write.
   * 
   * What gets tighter may always get so. What gets looser must be the acting key's to hand
   * on and, unless an admin does it, within the key that created this one, else
   * INVALID_ARGUMENT: scope_not_held, expiry_beyond_actor, address_beyond_actor,
   * scope_beyond_creator, expiry_beyond_creator, address_beyond_creator, limit_loosened,
   * environment_escalation.
   * NOT_FOUND (key_not_found) also for a key that the caller may not see. FAILED_PRECONDITION
   * (key_revoked) for a revoked key; (too_many_keys) where an expired one would work again.
   * ABORTED (version_mismatch) if it hasn't the version that the change is meant for.
   */
  updateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  updateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  updateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  updateKey(argument: _hokusai_keys_v1_UpdateKeyRequest, callback: grpc.requestCallback<_hokusai_keys_v1_UpdateKeyResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Keys: create, look at, change, rotate, revoke.
 */
export interface KeyManagementServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Makes a key. The plaintext is in the answer and nowhere else. Scope keys:write.
   * 
   * INVALID_ARGUMENT also where the key would get more than the acting one may hand on
   * (scope_not_held, expiry_beyond_actor, address_beyond_actor, environment_escalation),
   * and for an owner who isn't the caller's to choose (user_not_found) or is disabled
   * (owner_disabled).
   * FAILED_PRECONDITION (too_many_keys) if its owner has as many keys as a member may have.
   * With an Idempotency: ABORTED (still_running) while the first request is being worked
   * on, ABORTED (answer_lost) if its answer can't be given again, INVALID_ARGUMENT if it was
   * another request, or if the key or fingerprint is none (invalid_idempotency_key).
   * UNAVAILABLE (hashing_queue_full).
   */
  CreateKey: grpc.handleUnaryCall<_hokusai_keys_v1_CreateKeyRequest__Output, _hokusai_keys_v1_CreateKeyResponse>;
  
  /**
   * Ends the grace of a retired secret now. Of one that has ended it changes nothing and
   * answers the same. Scope keys:write. NOT_FOUND: key_not_found also for a key that the
   * caller may not see, secret_not_found where the key has no such retired secret.
   */
  EndRetiredSecret: grpc.handleUnaryCall<_hokusai_keys_v1_EndRetiredSecretRequest__Output, _hokusai_keys_v1_EndRetiredSecretResponse>;
  
  /**
   * One key by id. Scope keys:read. NOT_FOUND (key_not_found) also for a key that the
   * caller may not see.
   */
  GetKey: grpc.handleUnaryCall<_hokusai_keys_v1_GetKeyRequest__Output, _hokusai_keys_v1_GetKeyResponse>;
  
  /**
   * Newest first, keyset-paged. Members see their own keys. Scope keys:read.
   * INVALID_ARGUMENT (invalid_cursor) for a cursor that no page gave.
   */
  ListKeys: grpc.handleUnaryCall<_hokusai_keys_v1_ListKeysRequest__Output, _hokusai_keys_v1_ListKeysResponse>;
  
  /**
   * Stops the key for good. Revoking a revoked key changes nothing and answers the same.
   * Scope keys:write. NOT_FOUND (key_not_found) also for a key that the caller may not see.
   * With wait: UNAVAILABLE (receipt_unavailable) where the key is revoked, but the gateways
   * can't be read. A caller that goes away ends the wait, and undoes nothing.
   */
  RevokeKey: grpc.handleUnaryCall<_hokusai_keys_v1_RevokeKeyRequest__Output, _hokusai_keys_v1_RevokeKeyResponse>;
  
  /**
   * Gives the key a new secret; the old one works until the grace ends. Id, name, limits
   * and history stay. The plaintext is in the answer and nowhere else. Scope keys:write.
   * 
   * PERMISSION_DENIED (scope_not_held, expiry_beyond_actor, address_beyond_actor,
   * limit_beyond_actor, environment_escalation) if the key may do more than the acting
   * one, which may always rotate itself. NOT_FOUND (key_not_found) also for a key that the
   * caller may not see. FAILED_PRECONDITION: key_revoked, key_expired, too_many_secrets
   * (five replaced ones are still in their grace). ABORTED (concurrent_change) if another
   * rotation came first. With an Idempotency as CreateKey. UNAVAILABLE (hashing_queue_full).
   */
  RotateKey: grpc.handleUnaryCall<_hokusai_keys_v1_RotateKeyRequest__Output, _hokusai_keys_v1_RotateKeyResponse>;
  
  /**
   * Changes what the mask names. Scope keys:write.
   * 
   * What gets tighter may always get so. What gets looser must be the acting key's to hand
   * on and, unless an admin does it, within the key that created this one, else
   * INVALID_ARGUMENT: scope_not_held, expiry_beyond_actor, address_beyond_actor,
   * scope_beyond_creator, expiry_beyond_creator, address_beyond_creator, limit_loosened,
   * environment_escalation.
   * NOT_FOUND (key_not_found) also for a key that the caller may not see. FAILED_PRECONDITION
   * (key_revoked) for a revoked key; (too_many_keys) where an expired one would work again.
   * ABORTED (version_mismatch) if it hasn't the version that the change is meant for.
   */
  UpdateKey: grpc.handleUnaryCall<_hokusai_keys_v1_UpdateKeyRequest__Output, _hokusai_keys_v1_UpdateKeyResponse>;
  
}

export interface KeyManagementServiceDefinition extends grpc.ServiceDefinition {
  CreateKey: MethodDefinition<_hokusai_keys_v1_CreateKeyRequest, _hokusai_keys_v1_CreateKeyResponse, _hokusai_keys_v1_CreateKeyRequest__Output, _hokusai_keys_v1_CreateKeyResponse__Output>
  EndRetiredSecret: MethodDefinition<_hokusai_keys_v1_EndRetiredSecretRequest, _hokusai_keys_v1_EndRetiredSecretResponse, _hokusai_keys_v1_EndRetiredSecretRequest__Output, _hokusai_keys_v1_EndRetiredSecretResponse__Output>
  GetKey: MethodDefinition<_hokusai_keys_v1_GetKeyRequest, _hokusai_keys_v1_GetKeyResponse, _hokusai_keys_v1_GetKeyRequest__Output, _hokusai_keys_v1_GetKeyResponse__Output>
  ListKeys: MethodDefinition<_hokusai_keys_v1_ListKeysRequest, _hokusai_keys_v1_ListKeysResponse, _hokusai_keys_v1_ListKeysRequest__Output, _hokusai_keys_v1_ListKeysResponse__Output>
  RevokeKey: MethodDefinition<_hokusai_keys_v1_RevokeKeyRequest, _hokusai_keys_v1_RevokeKeyResponse, _hokusai_keys_v1_RevokeKeyRequest__Output, _hokusai_keys_v1_RevokeKeyResponse__Output>
  RotateKey: MethodDefinition<_hokusai_keys_v1_RotateKeyRequest, _hokusai_keys_v1_RotateKeyResponse, _hokusai_keys_v1_RotateKeyRequest__Output, _hokusai_keys_v1_RotateKeyResponse__Output>
  UpdateKey: MethodDefinition<_hokusai_keys_v1_UpdateKeyRequest, _hokusai_keys_v1_UpdateKeyResponse, _hokusai_keys_v1_UpdateKeyRequest__Output, _hokusai_keys_v1_UpdateKeyResponse__Output>
}
