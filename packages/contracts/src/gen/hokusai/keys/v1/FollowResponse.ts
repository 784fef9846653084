// Original file: protos/hokusai/keys/v1/validation.proto

import type { FollowTick as _hokusai_keys_v1_FollowTick, FollowTick__Output as _hokusai_keys_v1_FollowTick__Output } from '../../../hokusai/keys/v1/FollowTick.ts';
import type { FollowReset as _hokusai_keys_v1_FollowReset, FollowReset__Output as _hokusai_keys_v1_FollowReset__Output } from '../../../hokusai/keys/v1/FollowReset.ts';

/**
 * From keys service to gateway.
 */
export interface FollowResponse {
  /**
   * At least each second.
   */
  'tick'?: (_hokusai_keys_v1_FollowTick | null);
  /**
   * What was cached is not to be trusted.
   */
  'reset'?: (_hokusai_keys_v1_FollowReset | null);
  /**
   * One of them.
   */
  'message'?: "tick"|"reset";
}

/**
 * From keys service to gateway.
 */
export interface FollowResponse__Output {
  /**
   * At least each second.
   */
  'tick'?: (_hokusai_keys_v1_FollowTick__Output | null);
  /**
   * What was cached is not to be trusted.
   */
  'reset'?: (_hokusai_keys_v1_FollowReset__Output | null);
  /**
   * One of them.
   */
  'message'?: "tick"|"reset";
}
