// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';

/**
 * One page.
 */
export interface ListKeysResponse {
  /**
   * Newest first.
   */
  'keys'?: (_hokusai_keys_v1_Key)[];
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
}

/**
 * One page.
 */
export interface ListKeysResponse__Output {
  /**
   * Newest first.
   */
  'keys': (_hokusai_keys_v1_Key__Output)[];
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
}
