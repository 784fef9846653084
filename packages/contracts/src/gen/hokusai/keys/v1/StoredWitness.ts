// Original file: protos/hokusai/keys/v1/witness.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Where an event stood in the log when the audit service confirmed it.
 */
export interface StoredWitness {
  /**
   * Number of the row.
   */
  'chainSeq'?: (number | string | Long);
  /**
   * SHA-256, 32 bytes.
   */
  'hash'?: (Buffer | Uint8Array | string);
}

/**
 * Where an event stood in the log when the audit service confirmed it.
 */
export interface StoredWitness__Output {
  /**
   * Number of the row.
   */
  'chainSeq': (string);
  /**
   * SHA-256, 32 bytes.
   */
  'hash': (Buffer);
}
