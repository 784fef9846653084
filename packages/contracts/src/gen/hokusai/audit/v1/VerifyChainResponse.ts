// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Whether it is whole.
 */
export interface VerifyChainResponse {
  /**
   * No row is altered, missing, inserted or reordered, and none contradicts a proof.
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
  /**
   * What shows it: chain, checkpoint or witness; empty if intact.
   */
  'proof'?: (string);
  /**
   * How many checkpoints were compared, their signatures included.
   */
  'checkpointsVerified'?: (number | string | Long);
  /**
   * How many of the witnesses given were compared.
   */
  'witnessesVerified'?: (number | string | Long);
  /**
   * The last row that a checkpoint covers; 0 if there is none.
   */
  'lastCheckpointChainSeq'?: (number | string | Long);
}

/**
 * Whether it is whole.
 */
export interface VerifyChainResponse__Output {
  /**
   * No row is altered, missing, inserted or reordered, and none contradicts a proof.
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
  /**
   * What shows it: chain, checkpoint or witness; empty if intact.
   */
  'proof': (string);
  /**
   * How many checkpoints were compared, their signatures included.
   */
  'checkpointsVerified': (string);
  /**
   * How many of the witnesses given were compared.
   */
  'witnessesVerified': (string);
  /**
   * The last row that a checkpoint covers; 0 if there is none.
   */
  'lastCheckpointChainSeq': (string);
}
