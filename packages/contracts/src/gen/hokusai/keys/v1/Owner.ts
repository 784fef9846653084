// Original file: protos/hokusai/keys/v1/types.proto

import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * Who owns a key, as far as authorisation is concerned.
 */
export interface Owner {
  /**
   * The user's id (uuid).
   */
  'userId'?: (string);
  /**
   * MLflow's run user and the audit log's name for the owner.
   */
  'displayName'?: (string);
  /**
   * Narrows the scopes of their keys.
   */
  'role'?: (_hokusai_keys_v1_Role);
  /**
   * Set while the owner is disabled: none of their keys works.
   */
  'disabledAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Requests in any hour over all of the owner's keys; absent means no such limit.
   */
  'rateLimitPerHour'?: (number);
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

/**
 * Who owns a key, as far as authorisation is concerned.
 */
export interface Owner__Output {
  /**
   * The user's id (uuid).
   */
  'userId': (string);
  /**
   * MLflow's run user and the audit log's name for the owner.
   */
  'displayName': (string);
  /**
   * Narrows the scopes of their keys.
   */
  'role': (_hokusai_keys_v1_Role__Output);
  /**
   * Set while the owner is disabled: none of their keys works.
   */
  'disabledAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Requests in any hour over all of the owner's keys; absent means no such limit.
   */
  'rateLimitPerHour'?: (number);
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
