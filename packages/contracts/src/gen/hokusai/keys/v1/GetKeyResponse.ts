// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';

/**
 * The key.
 */
export interface GetKeyResponse {
  /**
   * As it is now.
   */
  'key'?: (_hokusai_keys_v1_Key | null);
}

/**
 * The key.
 */
export interface GetKeyResponse__Output {
  /**
   * As it is now.
   */
  'key': (_hokusai_keys_v1_Key__Output | null);
}
