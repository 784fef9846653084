// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';
import type { Witness as _hokusai_audit_v1_Witness, Witness__Output as _hokusai_audit_v1_Witness__Output } from '../../../hokusai/audit/v1/Witness.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Which part of the chain.
 */
export interface VerifyChainRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_audit_v1_Reader | null);
  /**
   * 0 means the first row that is kept.
   */
  'fromChainSeq'?: (number | string | Long);
  /**
   * 0 means the last one.
   */
  'toChainSeq'?: (number | string | Long);
  /**
   * To be compared with the rows that they are about; at most 50,000.
   */
  'witnesses'?: (_hokusai_audit_v1_Witness)[];
}

/**
 * Which part of the chain.
 */
export interface VerifyChainRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  /**
   * 0 means the first row that is kept.
   */
  'fromChainSeq': (string);
  /**
   * 0 means the last one.
   */
  'toChainSeq': (string);
  /**
   * To be compared with the rows that they are about; at most 50,000.
   */
  'witnesses': (_hokusai_audit_v1_Witness__Output)[];
}
