// Original file: protos/hokusai/keys/v1/validation.proto

import type { FollowOpen as _hokusai_keys_v1_FollowOpen, FollowOpen__Output as _hokusai_keys_v1_FollowOpen__Output } from '../../../hokusai/keys/v1/FollowOpen.ts';
import type { FollowPing as _hokusai_keys_v1_FollowPing, FollowPing__Output as _hokusai_keys_v1_FollowPing__Output } from '../../../hokusai/keys/v1/FollowPing.ts';
import type { FollowLeave as _hokusai_keys_v1_FollowLeave, FollowLeave__Output as _hokusai_keys_v1_FollowLeave__Output } from '../../../hokusai/keys/v1/FollowLeave.ts';

/**
 * From gateway to keys service.
 */
export interface FollowRequest {
  /**
   * The first message, and only that.
   */
  'open'?: (_hokusai_keys_v1_FollowOpen | null);
  /**
   * Each second.
   */
  'ping'?: (_hokusai_keys_v1_FollowPing | null);
  /**
   * The last message.
   */
  'leave'?: (_hokusai_keys_v1_FollowLeave | null);
  /**
   * One of them.
   */
  'message'?: "open"|"ping"|"leave";
}

/**
 * From gateway to keys service.
 */
export interface FollowRequest__Output {
  /**
   * The first message, and only that.
   */
  'open'?: (_hokusai_keys_v1_FollowOpen__Output | null);
  /**
   * Each second.
   */
  'ping'?: (_hokusai_keys_v1_FollowPing__Output | null);
  /**
   * The last message.
   */
  'leave'?: (_hokusai_keys_v1_FollowLeave__Output | null);
  /**
   * One of them.
   */
  'message'?: "open"|"ping"|"leave";
}
