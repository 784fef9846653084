// Original file: protos/hokusai/usage/v1/usage.proto

import type { UnusedKey as _hokusai_usage_v1_UnusedKey, UnusedKey__Output as _hokusai_usage_v1_UnusedKey__Output } from '../../../hokusai/usage/v1/UnusedKey.ts';

/**
 * One page.
 */
export interface ListUnusedKeysResponse {
  /**
   * Longest unused first.
   */
  'keys'?: (_hokusai_usage_v1_UnusedKey)[];
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
}

/**
 * One page.
 */
export interface ListUnusedKeysResponse__Output {
  /**
   * Longest unused first.
   */
  'keys': (_hokusai_usage_v1_UnusedKey__Output)[];
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
}
