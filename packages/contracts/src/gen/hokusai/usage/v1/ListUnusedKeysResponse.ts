// Original file: protos/hokusai/usage/v1/usage.proto

import type { UnusedKey as _hokusai_usage_v1_UnusedKey, UnusedKey__Output as _hokusai_usage_v1_UnusedKey__Output } from '../../../hokusai/usage/v1/UnusedKey.ts';

export interface ListUnusedKeysResponse {
  'keys'?: (_hokusai_usage_v1_UnusedKey)[];
  'nextCursor'?: (string);
}

export interface ListUnusedKeysResponse__Output {
  'keys': (_hokusai_usage_v1_UnusedKey__Output)[];
  'nextCursor': (string);
}
