// Original file: protos/hokusai/keys/v1/types.proto

import type { Environment as _hokusai_keys_v1_Environment, Environment__Output as _hokusai_keys_v1_Environment__Output } from '../../../hokusai/keys/v1/Environment.ts';
import type { AcceptedSecret as _hokusai_keys_v1_AcceptedSecret, AcceptedSecret__Output as _hokusai_keys_v1_AcceptedSecret__Output } from '../../../hokusai/keys/v1/AcceptedSecret.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { RateLimits as _hokusai_keys_v1_RateLimits, RateLimits__Output as _hokusai_keys_v1_RateLimits__Output } from '../../../hokusai/keys/v1/RateLimits.ts';
import type { Owner as _hokusai_keys_v1_Owner, Owner__Output as _hokusai_keys_v1_Owner__Output } from '../../../hokusai/keys/v1/Owner.ts';
import type { ReadPoint as _hokusai_keys_v1_ReadPoint, ReadPoint__Output as _hokusai_keys_v1_ReadPoint__Output } from '../../../hokusai/keys/v1/ReadPoint.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What a key may do now. Everything that a gateway needs to decide about a
 * request, and nothing that could prove the key.
 */
export interface KeyState {
  /**
   * The key's id (uuid), the same for its whole life.
   */
  'keyId'?: (string);
  /**
   * Rises at every change that matters to authorisation, also after a restore.
   */
  'version'?: (number | string | Long);
  /**
   * What its owner calls it.
   */
  'name'?: (string);
  /**
   * Decides which upstream it reaches.
   */
  'environment'?: (_hokusai_keys_v1_Environment);
  /**
   * Secrets that are accepted, the current one first.
   */
  'acceptedSecrets'?: (_hokusai_keys_v1_AcceptedSecret)[];
  /**
   * False once it was revoked, or swept after its expiry.
   */
  'isActive'?: (boolean);
  /**
   * Absent unless it was revoked.
   */
  'revokedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * From then on it doesn't work; absent: never.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * When the current secret replaced the one before; absent if never rotated.
   */
  'rotatedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Scopes of the key, not yet narrowed by its owner's role.
   */
  'scopes'?: (string)[];
  /**
   * Of the key alone; the owner may have a limit over all of their keys.
   */
  'limits'?: (_hokusai_keys_v1_RateLimits | null);
  /**
   * CIDR blocks, v4 and v6, from which the key works; empty means anywhere.
   */
  'allowedIps'?: (string)[];
  /**
   * Whose key it is.
   */
  'owner'?: (_hokusai_keys_v1_Owner | null);
  /**
   * Where in the database's history this was read.
   */
  'read'?: (_hokusai_keys_v1_ReadPoint | null);
  /**
   * What was said when the key was revoked; shown to whoever still uses it.
   */
  'revokedReason'?: (string);
  '_revokedReason'?: "revokedReason";
}

/**
 * What a key may do now. Everything that a gateway needs to decide about a
 * request, and nothing that could prove the key.
 */
export interface KeyState__Output {
  /**
   * The key's id (uuid), the same for its whole life.
   */
  'keyId': (string);
  /**
   * Rises at every change that matters to authorisation, also after a restore.
   */
  'version': (string);
  /**
   * What its owner calls it.
   */
  'name': (string);
  /**
   * Decides which upstream it reaches.
   */
  'environment': (_hokusai_keys_v1_Environment__Output);
  /**
   * Secrets that are accepted, the current one first.
   */
  'acceptedSecrets': (_hokusai_keys_v1_AcceptedSecret__Output)[];
  /**
   * False once it was revoked, or swept after its expiry.
   */
  'isActive': (boolean);
  /**
   * Absent unless it was revoked.
   */
  'revokedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * From then on it doesn't work; absent: never.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * When the current secret replaced the one before; absent if never rotated.
   */
  'rotatedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Scopes of the key, not yet narrowed by its owner's role.
   */
  'scopes': (string)[];
  /**
   * Of the key alone; the owner may have a limit over all of their keys.
   */
  'limits': (_hokusai_keys_v1_RateLimits__Output | null);
  /**
   * CIDR blocks, v4 and v6, from which the key works; empty means anywhere.
   */
  'allowedIps': (string)[];
  /**
   * Whose key it is.
   */
  'owner': (_hokusai_keys_v1_Owner__Output | null);
  /**
   * Where in the database's history this was read.
   */
  'read': (_hokusai_keys_v1_ReadPoint__Output | null);
  /**
   * What was said when the key was revoked; shown to whoever still uses it.
   */
  'revokedReason'?: (string);
  '_revokedReason'?: "revokedReason";
}
