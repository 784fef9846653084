// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

export interface EndRetiredSecretRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'keyId'?: (string);
  /**
   * Prefix of the retired secret.
   */
  'keyPrefix'?: (string);
}

export interface EndRetiredSecretRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'keyId': (string);
  /**
   * Prefix of the retired secret.
   */
  'keyPrefix': (string);
}
