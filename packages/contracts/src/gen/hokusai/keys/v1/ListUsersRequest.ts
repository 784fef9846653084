// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

export interface ListUsersRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * At most 200; 0 means 50.
   */
  'pageSize'?: (number);
  'cursor'?: (string);
}

export interface ListUsersRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * At most 200; 0 means 50.
   */
  'pageSize': (number);
  'cursor': (string);
}
