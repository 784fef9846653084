// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';

/**
 * The key and its new secret.
 */
export interface RotateKeyResponse {
  /**
   * With the new prefix; the old one stands first among the retired secrets.
   */
  'key'?: (_hokusai_keys_v1_Key | null);
  /**
   * The whole new key, answered once.
   */
  'plaintext'?: (string);
}

/**
 * The key and its new secret.
 */
export interface RotateKeyResponse__Output {
  /**
   * With the new prefix; the old one stands first among the retired secrets.
   */
  'key': (_hokusai_keys_v1_Key__Output | null);
  /**
   * The whole new key, answered once.
   */
  'plaintext': (string);
}
