// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

export interface GetKeyRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'keyId'?: (string);
}

export interface GetKeyRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'keyId': (string);
}
