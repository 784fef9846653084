// Original file: protos/hokusai/keys/v1/validation.proto

import type { ReadPoint as _hokusai_keys_v1_ReadPoint, ReadPoint__Output as _hokusai_keys_v1_ReadPoint__Output } from '../../../hokusai/keys/v1/ReadPoint.ts';
import type { KeyChange as _hokusai_keys_v1_KeyChange, KeyChange__Output as _hokusai_keys_v1_KeyChange__Output } from '../../../hokusai/keys/v1/KeyChange.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One look at the change log.
 */
export interface FollowTick {
  /**
   * Rises by one within the stream.
   */
  'number'?: (number | string | Long);
  /**
   * The last ping that was received before the statement began; 0 if none.
   */
  'echo'?: (number | string | Long);
  /**
   * Epoch and cut of the statement's snapshot, and the database's clock.
   */
  'read'?: (_hokusai_keys_v1_ReadPoint | null);
  /**
   * Rows visible now that no earlier cut has passed; a row may come again.
   */
  'changes'?: (_hokusai_keys_v1_KeyChange)[];
}

/**
 * One look at the change log.
 */
export interface FollowTick__Output {
  /**
   * Rises by one within the stream.
   */
  'number': (string);
  /**
   * The last ping that was received before the statement began; 0 if none.
   */
  'echo': (string);
  /**
   * Epoch and cut of the statement's snapshot, and the database's clock.
   */
  'read': (_hokusai_keys_v1_ReadPoint__Output | null);
  /**
   * Rows visible now that no earlier cut has passed; a row may come again.
   */
  'changes': (_hokusai_keys_v1_KeyChange__Output)[];
}
