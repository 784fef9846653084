// Original file: protos/hokusai/audit/v1/audit.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A signed statement of where the chain stood.
 */
export interface Checkpoint {
  /**
   * Of the log, a uuid.
   */
  'logId'?: (string);
  /**
   * Number of the last row that it covers.
   */
  'chainSeq'?: (number | string | Long);
  /**
   * Hash of that row.
   */
  'hash'?: (Buffer | Uint8Array | string);
  /**
   * When it was signed.
   */
  'signedAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Which key signed it.
   */
  'signerId'?: (string);
  /**
   * Ed25519 over the checkpoint's canonical JSON, 64 bytes.
   */
  'signature'?: (Buffer | Uint8Array | string);
}

/**
 * A signed statement of where the chain stood.
 */
export interface Checkpoint__Output {
  /**
   * Of the log, a uuid.
   */
  'logId': (string);
  /**
   * Number of the last row that it covers.
   */
  'chainSeq': (string);
  /**
   * Hash of that row.
   */
  'hash': (Buffer);
  /**
   * When it was signed.
   */
  'signedAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Which key signed it.
   */
  'signerId': (string);
  /**
   * Ed25519 over the checkpoint's canonical JSON, 64 bytes.
   */
  'signature': (Buffer);
}
