// Original file: protos/hokusai/keys/v1/witness.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * One page of witnesses.
 */
export interface ListWitnessesRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * Rows up to this one are left out.
   */
  'afterChainSeq'?: (number | string | Long);
  /**
   * At most 10,000; 0 means 1,000.
   */
  'pageSize'?: (number);
}

/**
 * One page of witnesses.
 */
export interface ListWitnessesRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * Rows up to this one are left out.
   */
  'afterChainSeq': (string);
  /**
   * At most 10,000; 0 means 1,000.
   */
  'pageSize': (number);
}
