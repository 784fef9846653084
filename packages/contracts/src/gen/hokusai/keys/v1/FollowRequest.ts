// Original file: protos/hokusai/keys/v1/validation.proto

import type { FollowOpen as _hokusai_keys_v1_FollowOpen, FollowOpen__Output as _hokusai_keys_v1_FollowOpen__Output } from '../../../hokusai/keys/v1/FollowOpen.ts';
import type { FollowPing as _hokusai_keys_v1_FollowPing, FollowPing__Output as _hokusai_keys_v1_FollowPing__Output } from '../../../hokusai/keys/v1/FollowPing.ts';
import type { FollowLeave as _hokusai_keys_v1_FollowLeave, FollowLeave__Output as _hokusai_keys_v1_FollowLeave__Output } from '../../../hokusai/keys/v1/FollowLeave.ts';

/**
 * From gateway to keys service.
 */
export interface FollowRequest {
  'open'?: (_hokusai_keys_v1_FollowOpen | null);
  'ping'?: (_hokusai_keys_v1_FollowPing | null);
  'leave'?: (_hokusai_keys_v1_FollowLeave | null);
  'message'?: "open"|"ping"|"leave";
}

/**
 * From gateway to keys service.
 */
export interface FollowRequest__Output {
  'open'?: (_hokusai_keys_v1_FollowOpen__Output | null);
  'ping'?: (_hokusai_keys_v1_FollowPing__Output | null);
  'leave'?: (_hokusai_keys_v1_FollowLeave__Output | null);
  'message'?: "open"|"ping"|"leave";
}
