// Original file: protos/hokusai/keys/v1/types.proto

import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * Who owns a key, as far as authorisation is concerned.
 */
export interface Owner {
  'userId'?: (string);
  /**
   * MLflow's run user and the audit log's name for the owner.
   */
  'displayName'?: (string);
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
  'userId': (string);
  /**
   * MLflow's run user and the audit log's name for the owner.
   */
  'displayName': (string);
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
