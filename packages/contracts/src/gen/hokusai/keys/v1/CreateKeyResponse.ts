// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';

/**
 * The new key.
 */
export interface CreateKeyResponse {
  /**
   * All that will ever be shown of it again.
   */
  'key'?: (_hokusai_keys_v1_Key | null);
  /**
   * The whole key, answered once.
   */
  'plaintext'?: (string);
}

/**
 * The new key.
 */
export interface CreateKeyResponse__Output {
  /**
   * All that will ever be shown of it again.
   */
  'key': (_hokusai_keys_v1_Key__Output | null);
  /**
   * The whole key, answered once.
   */
  'plaintext': (string);
}
