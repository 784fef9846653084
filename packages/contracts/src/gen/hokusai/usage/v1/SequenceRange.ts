// Original file: protos/hokusai/usage/v1/usage.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Sequence numbers, both ends included.
 */
export interface SequenceRange {
  'from'?: (number | string | Long);
  'to'?: (number | string | Long);
}

/**
 * Sequence numbers, both ends included.
 */
export interface SequenceRange__Output {
  'from': (string);
  'to': (string);
}
