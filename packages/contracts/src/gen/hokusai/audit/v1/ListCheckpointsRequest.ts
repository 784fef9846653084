// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';

/**
 * One page of checkpoints.
 */
export interface ListCheckpointsRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_audit_v1_Reader | null);
  /**
   * At most 500; 0 means 100.
   */
  'pageSize'?: (number);
  /**
   * next_cursor of the page before; empty for the first one.
   */
  'cursor'?: (string);
}

/**
 * One page of checkpoints.
 */
export interface ListCheckpointsRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  /**
   * At most 500; 0 means 100.
   */
  'pageSize': (number);
  /**
   * next_cursor of the page before; empty for the first one.
   */
  'cursor': (string);
}
