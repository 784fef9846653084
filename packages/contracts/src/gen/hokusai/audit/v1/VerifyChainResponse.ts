// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

export interface VerifyChainResponse {
  'intact'?: (boolean);
  'rowsVerified'?: (number | string | Long);
  /**
   * The first row that is altered, missing, inserted or reordered; 0 if intact.
   */
  'firstBadChainSeq'?: (number | string | Long);
  'problem'?: (string);
}

export interface VerifyChainResponse__Output {
  'intact': (boolean);
  'rowsVerified': (string);
  /**
   * The first row that is altered, missing, inserted or reordered; 0 if intact.
   */
  'firstBadChainSeq': (string);
  'problem': (string);
}
