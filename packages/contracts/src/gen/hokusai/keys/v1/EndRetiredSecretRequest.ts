// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

/**
 * Which retired secret.
 */
export interface EndRetiredSecretRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * Prefix of the retired secret.
   */
  'keyPrefix'?: (string);
}

/**
 * Which retired secret.
 */
export interface EndRetiredSecretRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * Prefix of the retired secret.
   */
  'keyPrefix': (string);
}
