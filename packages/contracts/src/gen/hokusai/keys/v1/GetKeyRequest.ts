// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

/**
 * Which key.
 */
export interface GetKeyRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
}

/**
 * Which key.
 */
export interface GetKeyRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
}
