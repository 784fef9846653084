// Original file: protos/hokusai/keys/v1/validation.proto

import type { KeyState as _hokusai_keys_v1_KeyState, KeyState__Output as _hokusai_keys_v1_KeyState__Output } from '../../../hokusai/keys/v1/KeyState.ts';
import type { ReadPoint as _hokusai_keys_v1_ReadPoint, ReadPoint__Output as _hokusai_keys_v1_ReadPoint__Output } from '../../../hokusai/keys/v1/ReadPoint.ts';

/**
 * What the key may do.
 */
export interface GetKeyStateResponse {
  /**
   * Absent if there is no such key (any more).
   */
  'state'?: (_hokusai_keys_v1_KeyState | null);
  /**
   * Where the answer was read, also for a key that there isn't.
   */
  'read'?: (_hokusai_keys_v1_ReadPoint | null);
}

/**
 * What the key may do.
 */
export interface GetKeyStateResponse__Output {
  /**
   * Absent if there is no such key (any more).
   */
  'state': (_hokusai_keys_v1_KeyState__Output | null);
  /**
   * Where the answer was read, also for a key that there isn't.
   */
  'read': (_hokusai_keys_v1_ReadPoint__Output | null);
}
