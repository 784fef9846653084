// Original file: protos/hokusai/audit/v1/audit.proto

import type { Checkpoint as _hokusai_audit_v1_Checkpoint, Checkpoint__Output as _hokusai_audit_v1_Checkpoint__Output } from '../../../hokusai/audit/v1/Checkpoint.ts';
import type { Signer as _hokusai_audit_v1_Signer, Signer__Output as _hokusai_audit_v1_Signer__Output } from '../../../hokusai/audit/v1/Signer.ts';

/**
 * One page.
 */
export interface ListCheckpointsResponse {
  /**
   * Newest first.
   */
  'checkpoints'?: (_hokusai_audit_v1_Checkpoint)[];
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
  /**
   * All signers, oldest first.
   */
  'signers'?: (_hokusai_audit_v1_Signer)[];
}

/**
 * One page.
 */
export interface ListCheckpointsResponse__Output {
  /**
   * Newest first.
   */
  'checkpoints': (_hokusai_audit_v1_Checkpoint__Output)[];
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
  /**
   * All signers, oldest first.
   */
  'signers': (_hokusai_audit_v1_Signer__Output)[];
}
