// Original file: protos/hokusai/keys/v1/management.proto

import type { User as _hokusai_keys_v1_User, User__Output as _hokusai_keys_v1_User__Output } from '../../../hokusai/keys/v1/User.ts';

/**
 * The user.
 */
export interface GetUserResponse {
  /**
   * As they are now.
   */
  'user'?: (_hokusai_keys_v1_User | null);
}

/**
 * The user.
 */
export interface GetUserResponse__Output {
  /**
   * As they are now.
   */
  'user': (_hokusai_keys_v1_User__Output | null);
}
