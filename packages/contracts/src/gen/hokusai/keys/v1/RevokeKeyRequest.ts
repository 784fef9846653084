// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

export interface RevokeKeyRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'keyId'?: (string);
  /**
   * For the audit log and the answer that the key's user gets; at most 500 characters.
   */
  'reason'?: (string);
  /**
   * Also the keys that this one created, and theirs.
   */
  'cascade'?: (boolean);
  /**
   * Wait until every gateway has applied it or can no longer trust the old state.
   */
  'wait'?: (boolean);
}

export interface RevokeKeyRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'keyId': (string);
  /**
   * For the audit log and the answer that the key's user gets; at most 500 characters.
   */
  'reason': (string);
  /**
   * Also the keys that this one created, and theirs.
   */
  'cascade': (boolean);
  /**
   * Wait until every gateway has applied it or can no longer trust the old state.
   */
  'wait': (boolean);
}
