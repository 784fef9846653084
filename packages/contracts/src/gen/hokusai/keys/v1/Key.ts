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
  /**
   * A uuid; stays through rotations.
   */
  'id'?: (string);
  /**
   * First 20 characters of the current secret: public, and what people call the key by.
   */
  'keyPrefix'?: (string);
  /**
   * Owner (uuid).
   */
  'userId'?: (string);
  /**
   * What its owner calls it.
   */
  'name'?: (string);
  /**
   * Live or test.
   */
  'environment'?: (_hokusai_keys_v1_Environment);
  /**
   * As they were given to it; its owner's role may allow less.
   */
  'scopes'?: (string)[];
  /**
   * When it was created.
   */
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * The key that created this one; absent for a key made on the keys host.
   */
  'createdByKeyId'?: (string);
  /**
   * From then on it doesn't work; absent: never.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Last use of any of its secrets, up to a minute behind; absent: never.
   */
  'lastUsedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Client address of that use.
   */
  'lastUsedIp'?: (string);
  /**
   * False once it was revoked, or swept after its expiry.
   */
  'isActive'?: (boolean);
  /**
   * Absent unless it was revoked.
   */
  'revokedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * What was said when it was revoked, if anything.
   */
  'revokedReason'?: (string);
  /**
   * Of the key alone.
   */
  'limits'?: (_hokusai_keys_v1_RateLimits | null);
  /**
   * CIDR blocks, v4 and v6, from which it works; empty means anywhere.
   */
  'allowedIps'?: (string)[];
  /**
   * Whatever the owner wants to keep with the key, a JSON object.
   */
  'metadata'?: (_google_protobuf_Struct | null);
  /**
   * Rises at every change that matters to authorisation; for UpdateKeyRequest.if_version.
   */
  'version'?: (number | string | Long);
  /**
   * Retired secrets, newest first, until 90 days after their end: those that are accepted, and the newest 20.
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
  /**
   * A uuid; stays through rotations.
   */
  'id': (string);
  /**
   * First 20 characters of the current secret: public, and what people call the key by.
   */
  'keyPrefix': (string);
  /**
   * Owner (uuid).
   */
  'userId': (string);
  /**
   * What its owner calls it.
   */
  'name': (string);
  /**
   * Live or test.
   */
  'environment': (_hokusai_keys_v1_Environment__Output);
  /**
   * As they were given to it; its owner's role may allow less.
   */
  'scopes': (string)[];
  /**
   * When it was created.
   */
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * The key that created this one; absent for a key made on the keys host.
   */
  'createdByKeyId'?: (string);
  /**
   * From then on it doesn't work; absent: never.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Last use of any of its secrets, up to a minute behind; absent: never.
   */
  'lastUsedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Client address of that use.
   */
  'lastUsedIp'?: (string);
  /**
   * False once it was revoked, or swept after its expiry.
   */
  'isActive': (boolean);
  /**
   * Absent unless it was revoked.
   */
  'revokedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * What was said when it was revoked, if anything.
   */
  'revokedReason'?: (string);
  /**
   * Of the key alone.
   */
  'limits': (_hokusai_keys_v1_RateLimits__Output | null);
  /**
   * CIDR blocks, v4 and v6, from which it works; empty means anywhere.
   */
  'allowedIps': (string)[];
  /**
   * Whatever the owner wants to keep with the key, a JSON object.
   */
  'metadata': (_google_protobuf_Struct__Output | null);
  /**
   * Rises at every change that matters to authorisation; for UpdateKeyRequest.if_version.
   */
  'version': (string);
  /**
   * Retired secrets, newest first, until 90 days after their end: those that are accepted, and the newest 20.
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
