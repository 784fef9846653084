// Original file: protos/hokusai/keys/v1/validation.proto

import type { KeyState as _hokusai_keys_v1_KeyState, KeyState__Output as _hokusai_keys_v1_KeyState__Output } from '../../../hokusai/keys/v1/KeyState.ts';
import type { ReadPoint as _hokusai_keys_v1_ReadPoint, ReadPoint__Output as _hokusai_keys_v1_ReadPoint__Output } from '../../../hokusai/keys/v1/ReadPoint.ts';

export interface GetKeyStateResponse {
  /**
   * Absent if there is no such key (any more).
   */
  'state'?: (_hokusai_keys_v1_KeyState | null);
  'read'?: (_hokusai_keys_v1_ReadPoint | null);
}

export interface GetKeyStateResponse__Output {
  /**
   * Absent if there is no such key (any more).
   */
  'state': (_hokusai_keys_v1_KeyState__Output | null);
  'read': (_hokusai_keys_v1_ReadPoint__Output | null);
}
