// Original file: protos/hokusai/keys/v1/management.proto

import type { User as _hokusai_keys_v1_User, User__Output as _hokusai_keys_v1_User__Output } from '../../../hokusai/keys/v1/User.ts';

/**
 * The new user.
 */
export interface CreateUserResponse {
  /**
   * As created.
   */
  'user'?: (_hokusai_keys_v1_User | null);
}

/**
 * The new user.
 */
export interface CreateUserResponse__Output {
  /**
   * As created.
   */
  'user': (_hokusai_keys_v1_User__Output | null);
}
