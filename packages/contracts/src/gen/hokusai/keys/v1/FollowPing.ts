// Original file: protos/hokusai/keys/v1/validation.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Sent each second, and at once after a tick with changes.
 */
export interface FollowPing {
  /**
   * Rises by one with each ping of an incarnation.
   */
  'number'?: (number | string | Long);
  /**
   * Number of the last tick of this stream that was applied.
   */
  'applied'?: (number | string | Long);
  /**
   * Cut of that tick: everything below has been applied.
   */
  'appliedCut'?: (number | string | Long);
}

/**
 * Sent each second, and at once after a tick with changes.
 */
export interface FollowPing__Output {
  /**
   * Rises by one with each ping of an incarnation.
   */
  'number': (string);
  /**
   * Number of the last tick of this stream that was applied.
   */
  'applied': (string);
  /**
   * Cut of that tick: everything below has been applied.
   */
  'appliedCut': (string);
}
