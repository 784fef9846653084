// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';

export interface RotateKeyResponse {
  'key'?: (_hokusai_keys_v1_Key | null);
  /**
   * The whole new key, answered once.
   */
  'plaintext'?: (string);
}

export interface RotateKeyResponse__Output {
  'key': (_hokusai_keys_v1_Key__Output | null);
  /**
   * The whole new key, answered once.
   */
  'plaintext': (string);
}
