// Original file: protos/hokusai/keys/v1/types.proto

import type { Environment as _hokusai_keys_v1_Environment, Environment__Output as _hokusai_keys_v1_Environment__Output } from '../../../hokusai/keys/v1/Environment.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { RateLimits as _hokusai_keys_v1_RateLimits, RateLimits__Output as _hokusai_keys_v1_RateLimits__Output } from '../../../hokusai/keys/v1/RateLimits.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from '../../../google/protobuf/Struct.ts';
import type { RetiredSecret as _hokusai_keys_v1_RetiredSecret, RetiredSecret__Output as _hokusai_keys_v1_RetiredSecret__Output } from '../../../hokusai/keys/v1/RetiredSecret.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A key as people see it: everything but its secret.
 */
export interface Key {
  'id'?: (string);
  'keyPrefix'?: (string);
  'userId'?: (string);
  'name'?: (string);
  'environment'?: (_hokusai_keys_v1_Environment);
  'scopes'?: (string)[];
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * The key that created this one; absent for a key made on the keys host.
   */
  'createdByKeyId'?: (string);
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  'lastUsedAt'?: (_google_protobuf_Timestamp | null);
  'lastUsedIp'?: (string);
  'isActive'?: (boolean);
  'revokedAt'?: (_google_protobuf_Timestamp | null);
  'revokedReason'?: (string);
  'limits'?: (_hokusai_keys_v1_RateLimits | null);
  'allowedIps'?: (string)[];
  /**
   * Whatever the owner wants to keep with the key, a JSON object.
   */
  'metadata'?: (_google_protobuf_Struct | null);
  'version'?: (number | string | Long);
  /**
   * Retired secrets, newest first, until 90 days after their end.
   */
  'retiredSecrets'?: (_hokusai_keys_v1_RetiredSecret)[];
  /**
   * When the current secret replaced the one before; absent if never rotated.
   */
  'rotatedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * What the owner is called, so that a list of keys can be read without looking up each user.
   */
  'userDisplayName'?: (string);
  '_createdByKeyId'?: "createdByKeyId";
  '_lastUsedIp'?: "lastUsedIp";
  '_revokedReason'?: "revokedReason";
}

/**
 * A key as people see it: everything but its secret.
 */
export interface Key__Output {
  'id': (string);
  'keyPrefix': (string);
  'userId': (string);
  'name': (string);
  'environment': (_hokusai_keys_v1_Environment__Output);
  'scopes': (string)[];
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * The key that created this one; absent for a key made on the keys host.
   */
  'createdByKeyId'?: (string);
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  'lastUsedAt': (_google_protobuf_Timestamp__Output | null);
  'lastUsedIp'?: (string);
  'isActive': (boolean);
  'revokedAt': (_google_protobuf_Timestamp__Output | null);
  'revokedReason'?: (string);
  'limits': (_hokusai_keys_v1_RateLimits__Output | null);
  'allowedIps': (string)[];
  /**
   * Whatever the owner wants to keep with the key, a JSON object.
   */
  'metadata': (_google_protobuf_Struct__Output | null);
  'version': (string);
  /**
   * Retired secrets, newest first, until 90 days after their end.
   */
  'retiredSecrets': (_hokusai_keys_v1_RetiredSecret__Output)[];
  /**
   * When the current secret replaced the one before; absent if never rotated.
   */
  'rotatedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * What the owner is called, so that a list of keys can be read without looking up each user.
   */
  'userDisplayName': (string);
  '_createdByKeyId'?: "createdByKeyId";
  '_lastUsedIp'?: "lastUsedIp";
  '_revokedReason'?: "revokedReason";
}
