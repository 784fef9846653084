// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { Idempotency as _hokusai_keys_v1_Idempotency, Idempotency__Output as _hokusai_keys_v1_Idempotency__Output } from '../../../hokusai/keys/v1/Idempotency.ts';

/**
 * A user to be made.
 */
export interface CreateUserRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The identity provider's name for them, at most 256 characters; unique.
   */
  'externalId'?: (string);
  /**
   * At most 320 characters.
   */
  'email'?: (string);
  /**
   * 1 to 200 characters on one line.
   */
  'displayName'?: (string);
  /**
   * Unspecified means member.
   */
  'role'?: (_hokusai_keys_v1_Role);
  /**
   * 1 to 2,147,483,647, over all of their keys; absent means no such limit.
   */
  'rateLimitPerHour'?: (number);
  /**
   * Makes repetition safe.
   */
  'idempotency'?: (_hokusai_keys_v1_Idempotency | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

/**
 * A user to be made.
 */
export interface CreateUserRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The identity provider's name for them, at most 256 characters; unique.
   */
  'externalId'?: (string);
  /**
   * At most 320 characters.
   */
  'email'?: (string);
  /**
   * 1 to 200 characters on one line.
   */
  'displayName': (string);
  /**
   * Unspecified means member.
   */
  'role': (_hokusai_keys_v1_Role__Output);
  /**
   * 1 to 2,147,483,647, over all of their keys; absent means no such limit.
   */
  'rateLimitPerHour'?: (number);
  /**
   * Makes repetition safe.
   */
  'idempotency': (_hokusai_keys_v1_Idempotency__Output | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
