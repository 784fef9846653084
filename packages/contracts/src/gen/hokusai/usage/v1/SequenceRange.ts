// Original file: protos/hokusai/usage/v1/usage.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Sequence numbers, both ends included.
 */
export interface SequenceRange {
  /**
   * First number.
   */
  'from'?: (number | string | Long);
  /**
   * Last number.
   */
  'to'?: (number | string | Long);
}

/**
 * Sequence numbers, both ends included.
 */
export interface SequenceRange__Output {
  /**
   * First number.
   */
  'from': (string);
  /**
   * Last number.
   */
  'to': (string);
}
