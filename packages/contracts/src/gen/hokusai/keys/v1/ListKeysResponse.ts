// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';

export interface ListKeysResponse {
  'keys'?: (_hokusai_keys_v1_Key)[];
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
}

export interface ListKeysResponse__Output {
  'keys': (_hokusai_keys_v1_Key__Output)[];
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
}
