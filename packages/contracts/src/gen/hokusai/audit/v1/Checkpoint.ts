// Original file: protos/hokusai/audit/v1/audit.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * A signed statement of where the chain stood.
 */
export interface Checkpoint {
  'chainSeq'?: (number | string | Long);
  'hash'?: (Buffer | Uint8Array | string);
  'signedAt'?: (_google_protobuf_Timestamp | null);
  'signerId'?: (string);
  /**
   * Ed25519 over the checkpoint's canonical JSON.
   */
  'signature'?: (Buffer | Uint8Array | string);
}

/**
 * A signed statement of where the chain stood.
 */
export interface Checkpoint__Output {
  'chainSeq': (string);
  'hash': (Buffer);
  'signedAt': (_google_protobuf_Timestamp__Output | null);
  'signerId': (string);
  /**
   * Ed25519 over the checkpoint's canonical JSON.
   */
  'signature': (Buffer);
}
