// Original file: protos/hokusai/audit/v1/audit.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A key that signs checkpoints.
 */
export interface Signer {
  /**
   * First 16 hexadecimal digits of SHA-256 of the public key's SubjectPublicKeyInfo in DER.
   */
  'signerId'?: (string);
  /**
   * Ed25519, 32 bytes.
   */
  'publicKey'?: (Buffer | Uint8Array | string);
  /**
   * Number of the log's last row when it began to sign.
   */
  'sinceChainSeq'?: (number | string | Long);
  /**
   * The signer before, which vouches for it; empty for the first one.
   */
  'endorsedBy'?: (string);
  /**
   * Ed25519 by the signer before; empty for the first one, and where its key was lost.
   */
  'endorsement'?: (Buffer | Uint8Array | string);
}

/**
 * A key that signs checkpoints.
 */
export interface Signer__Output {
  /**
   * First 16 hexadecimal digits of SHA-256 of the public key's SubjectPublicKeyInfo in DER.
   */
  'signerId': (string);
  /**
   * Ed25519, 32 bytes.
   */
  'publicKey': (Buffer);
  /**
   * Number of the log's last row when it began to sign.
   */
  'sinceChainSeq': (string);
  /**
   * The signer before, which vouches for it; empty for the first one.
   */
  'endorsedBy': (string);
  /**
   * Ed25519 by the signer before; empty for the first one, and where its key was lost.
   */
  'endorsement': (Buffer);
}
