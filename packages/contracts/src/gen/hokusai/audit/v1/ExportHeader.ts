// Original file: protos/hokusai/audit/v1/audit.proto

import type { Checkpoint as _hokusai_audit_v1_Checkpoint, Checkpoint__Output as _hokusai_audit_v1_Checkpoint__Output } from '../../../hokusai/audit/v1/Checkpoint.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * What an export holds.
 */
export interface ExportHeader {
  /**
   * Of the log, a uuid.
   */
  'logId'?: (string);
  /**
   * The first row that was asked for.
   */
  'fromChainSeq'?: (number | string | Long);
  /**
   * The last one; from - 1 if there is none.
   */
  'toChainSeq'?: (number | string | Long);
  /**
   * Only some of the rows in between are in it; a proof stands for those that lead to it without a gap.
   */
  'isSelection'?: (boolean);
  /**
   * Hash of the row before the first one; 32 zero bytes if that is the log's first.
   */
  'previousHash'?: (Buffer | Uint8Array | string);
  /**
   * What stands for the rows before the first that is kept; absent while all are.
   */
  'base'?: (_hokusai_audit_v1_Checkpoint | null);
}

/**
 * What an export holds.
 */
export interface ExportHeader__Output {
  /**
   * Of the log, a uuid.
   */
  'logId': (string);
  /**
   * The first row that was asked for.
   */
  'fromChainSeq': (string);
  /**
   * The last one; from - 1 if there is none.
   */
  'toChainSeq': (string);
  /**
   * Only some of the rows in between are in it; a proof stands for those that lead to it without a gap.
   */
  'isSelection': (boolean);
  /**
   * Hash of the row before the first one; 32 zero bytes if that is the log's first.
   */
  'previousHash': (Buffer);
  /**
   * What stands for the rows before the first that is kept; absent while all are.
   */
  'base': (_hokusai_audit_v1_Checkpoint__Output | null);
}
