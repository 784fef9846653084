// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from '../../../google/protobuf/FieldMask.ts';
import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';

export interface UpdateUserRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'userId'?: (string);
  /**
   * email, display_name, role, disabled, rate_limit_per_hour.
   */
  'updateMask'?: (_google_protobuf_FieldMask | null);
  'email'?: (string);
  'displayName'?: (string);
  'role'?: (_hokusai_keys_v1_Role);
  'disabled'?: (boolean);
  'rateLimitPerHour'?: (number);
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

export interface UpdateUserRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'userId': (string);
  /**
   * email, display_name, role, disabled, rate_limit_per_hour.
   */
  'updateMask': (_google_protobuf_FieldMask__Output | null);
  'email'?: (string);
  'displayName': (string);
  'role': (_hokusai_keys_v1_Role__Output);
  'disabled': (boolean);
  'rateLimitPerHour'?: (number);
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
