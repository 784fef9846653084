// Original file: protos/hokusai/keys/v1/management.proto

import type { User as _hokusai_keys_v1_User, User__Output as _hokusai_keys_v1_User__Output } from '../../../hokusai/keys/v1/User.ts';

/**
 * One page.
 */
export interface ListUsersResponse {
  /**
   * Newest first.
   */
  'users'?: (_hokusai_keys_v1_User)[];
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
}

/**
 * One page.
 */
export interface ListUsersResponse__Output {
  /**
   * Newest first.
   */
  'users': (_hokusai_keys_v1_User__Output)[];
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
}
