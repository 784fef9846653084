// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Where an event stood in the chain, by the word of someone who kept it.
 */
export interface Witness {
  /**
   * Number of the row.
   */
  'chainSeq'?: (number | string | Long);
  /**
   * Hash of that row.
   */
  'hash'?: (Buffer | Uint8Array | string);
}

/**
 * Where an event stood in the chain, by the word of someone who kept it.
 */
export interface Witness__Output {
  /**
   * Number of the row.
   */
  'chainSeq': (string);
  /**
   * Hash of that row.
   */
  'hash': (Buffer);
}
