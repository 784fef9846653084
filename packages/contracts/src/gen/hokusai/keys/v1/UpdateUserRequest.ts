// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from '../../../google/protobuf/FieldMask.ts';
import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';

/**
 * New values for a user. What the mask doesn't name stays, and its field is ignored.
 */
export interface UpdateUserRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The user's id (uuid).
   */
  'userId'?: (string);
  /**
   * Which of the fields below to set: email, display_name, role, disabled,
   * rate_limit_per_hour. Their rules are those of CreateUserRequest.
   */
  'updateMask'?: (_google_protobuf_FieldMask | null);
  /**
   * Absent while named by the mask: none.
   */
  'email'?: (string);
  /**
   * 1 to 200 characters on one line.
   */
  'displayName'?: (string);
  /**
   * What their keys may do follows at once.
   */
  'role'?: (_hokusai_keys_v1_Role);
  /**
   * True stops all of their keys at once, false lets them work again.
   */
  'disabled'?: (boolean);
  /**
   * Absent while named by the mask: no such limit.
   */
  'rateLimitPerHour'?: (number);
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

/**
 * New values for a user. What the mask doesn't name stays, and its field is ignored.
 */
export interface UpdateUserRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The user's id (uuid).
   */
  'userId': (string);
  /**
   * Which of the fields below to set: email, display_name, role, disabled,
   * rate_limit_per_hour. Their rules are those of CreateUserRequest.
   */
  'updateMask': (_google_protobuf_FieldMask__Output | null);
  /**
   * Absent while named by the mask: none.
   */
  'email'?: (string);
  /**
   * 1 to 200 characters on one line.
   */
  'displayName': (string);
  /**
   * What their keys may do follows at once.
   */
  'role': (_hokusai_keys_v1_Role__Output);
  /**
   * True stops all of their keys at once, false lets them work again.
   */
  'disabled': (boolean);
  /**
   * Absent while named by the mask: no such limit.
   */
  'rateLimitPerHour'?: (number);
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
