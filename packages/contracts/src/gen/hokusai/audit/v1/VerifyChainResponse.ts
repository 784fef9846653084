// Original file: protos/hokusai/audit/v1/audit.proto

import type { Unproven as _hokusai_audit_v1_Unproven, Unproven__Output as _hokusai_audit_v1_Unproven__Output } from '../../../hokusai/audit/v1/Unproven.ts';
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
  /**
   * The same of checkpoints by the service's own keys, and by those that they vouch for.
   */
  'lastTrustedCheckpointChainSeq'?: (number | string | Long);
  /**
   * How many rows lead to a witness, or to a checkpoint of such a key.
   */
  'rowsBound'?: (number | string | Long);
  /**
   * Personal values of which only the digests are there: erased.
   */
  'erasedValues'?: (number | string | Long);
  /**
   * What the proofs leave open, though no fault was found.
   */
  'unproven'?: (_hokusai_audit_v1_Unproven)[];
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
  /**
   * The same of checkpoints by the service's own keys, and by those that they vouch for.
   */
  'lastTrustedCheckpointChainSeq': (string);
  /**
   * How many rows lead to a witness, or to a checkpoint of such a key.
   */
  'rowsBound': (string);
  /**
   * Personal values of which only the digests are there: erased.
   */
  'erasedValues': (string);
  /**
   * What the proofs leave open, though no fault was found.
   */
  'unproven': (_hokusai_audit_v1_Unproven__Output)[];
}
