// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Where an event stands in the chain.
 */
export interface StoredEvent {
  /**
   * A uuid.
   */
  'eventId'?: (string);
  /**
   * Its number, from 1, without gaps.
   */
  'chainSeq'?: (number | string | Long);
  /**
   * SHA-256, 32 bytes.
   */
  'hash'?: (Buffer | Uint8Array | string);
}

/**
 * Where an event stands in the chain.
 */
export interface StoredEvent__Output {
  /**
   * A uuid.
   */
  'eventId': (string);
  /**
   * Its number, from 1, without gaps.
   */
  'chainSeq': (string);
  /**
   * SHA-256, 32 bytes.
   */
  'hash': (Buffer);
}
