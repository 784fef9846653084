// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { Idempotency as _hokusai_keys_v1_Idempotency, Idempotency__Output as _hokusai_keys_v1_Idempotency__Output } from '../../../hokusai/keys/v1/Idempotency.ts';

export interface CreateUserRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'externalId'?: (string);
  'email'?: (string);
  'displayName'?: (string);
  /**
   * Unspecified means member.
   */
  'role'?: (_hokusai_keys_v1_Role);
  'rateLimitPerHour'?: (number);
  'idempotency'?: (_hokusai_keys_v1_Idempotency | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

export interface CreateUserRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'externalId'?: (string);
  'email'?: (string);
  'displayName': (string);
  /**
   * Unspecified means member.
   */
  'role': (_hokusai_keys_v1_Role__Output);
  'rateLimitPerHour'?: (number);
  'idempotency': (_hokusai_keys_v1_Idempotency__Output | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
