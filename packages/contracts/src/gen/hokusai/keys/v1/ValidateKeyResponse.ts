// Original file: protos/hokusai/keys/v1/validation.proto

import type { Proof as _hokusai_keys_v1_Proof, Proof__Output as _hokusai_keys_v1_Proof__Output } from '../../../hokusai/keys/v1/Proof.ts';
import type { KeyState as _hokusai_keys_v1_KeyState, KeyState__Output as _hokusai_keys_v1_KeyState__Output } from '../../../hokusai/keys/v1/KeyState.ts';
import type { ReadPoint as _hokusai_keys_v1_ReadPoint, ReadPoint__Output as _hokusai_keys_v1_ReadPoint__Output } from '../../../hokusai/keys/v1/ReadPoint.ts';

/**
 * Whether it is a genuine secret, and what its key may do.
 */
export interface ValidateKeyResponse {
  /**
   * Absent if no key has this secret.
   */
  'proof'?: (_hokusai_keys_v1_Proof | null);
  /**
   * Present with the proof.
   */
  'state'?: (_hokusai_keys_v1_KeyState | null);
  /**
   * Where the answer was read, also for an unknown key.
   */
  'read'?: (_hokusai_keys_v1_ReadPoint | null);
}

/**
 * Whether it is a genuine secret, and what its key may do.
 */
export interface ValidateKeyResponse__Output {
  /**
   * Absent if no key has this secret.
   */
  'proof': (_hokusai_keys_v1_Proof__Output | null);
  /**
   * Present with the proof.
   */
  'state': (_hokusai_keys_v1_KeyState__Output | null);
  /**
   * Where the answer was read, also for an unknown key.
   */
  'read': (_hokusai_keys_v1_ReadPoint__Output | null);
}
