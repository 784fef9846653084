// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Whether it is whole.
 */
export interface VerifyChainResponse {
  /**
   * No row is altered, missing, inserted or reordered.
   */
  'intact'?: (boolean);
  /**
   * How many rows were looked at.
   */
  'rowsVerified'?: (number | string | Long);
  /**
   * The first row that is altered, missing, inserted or reordered; 0 if intact.
   */
  'firstBadChainSeq'?: (number | string | Long);
  /**
   * What is wrong with that row, for people; empty if intact.
   */
  'problem'?: (string);
}

/**
 * Whether it is whole.
 */
export interface VerifyChainResponse__Output {
  /**
   * No row is altered, missing, inserted or reordered.
   */
  'intact': (boolean);
  /**
   * How many rows were looked at.
   */
  'rowsVerified': (string);
  /**
   * The first row that is altered, missing, inserted or reordered; 0 if intact.
   */
  'firstBadChainSeq': (string);
  /**
   * What is wrong with that row, for people; empty if intact.
   */
  'problem': (string);
}
