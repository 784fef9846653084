// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

export interface StoredEvent {
  'eventId'?: (string);
  'chainSeq'?: (number | string | Long);
  /**
   * SHA-256, 32 bytes.
   */
  'hash'?: (Buffer | Uint8Array | string);
}

export interface StoredEvent__Output {
  'eventId': (string);
  'chainSeq': (string);
  /**
   * SHA-256, 32 bytes.
   */
  'hash': (Buffer);
}
