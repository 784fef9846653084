// Original file: protos/hokusai/keys/v1/management.proto

import type { User as _hokusai_keys_v1_User, User__Output as _hokusai_keys_v1_User__Output } from '../../../hokusai/keys/v1/User.ts';

/**
 * The user.
 */
export interface UpdateUserResponse {
  /**
   * After the change.
   */
  'user'?: (_hokusai_keys_v1_User | null);
}

/**
 * The user.
 */
export interface UpdateUserResponse__Output {
  /**
   * After the change.
   */
  'user': (_hokusai_keys_v1_User__Output | null);
}
