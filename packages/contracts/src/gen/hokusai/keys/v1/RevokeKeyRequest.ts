// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';

/**
 * Which key is to stop.
 */
export interface RevokeKeyRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * For the audit log and the answer that the key's user gets; at most 500 characters on one
   * line, none of them of an API key. May be empty.
   */
  'reason'?: (string);
  /**
   * Also the keys that this one created, and theirs.
   */
  'cascade'?: (boolean);
  /**
   * Answer with a receipt, when every gateway that may trust the old state has applied the
   * change or has left, at the latest after 5 s. Give the call 10 s.
   */
  'wait'?: (boolean);
}

/**
 * Which key is to stop.
 */
export interface RevokeKeyRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * For the audit log and the answer that the key's user gets; at most 500 characters on one
   * line, none of them of an API key. May be empty.
   */
  'reason': (string);
  /**
   * Also the keys that this one created, and theirs.
   */
  'cascade': (boolean);
  /**
   * Answer with a receipt, when every gateway that may trust the old state has applied the
   * change or has left, at the latest after 5 s. Give the call 10 s.
   */
  'wait': (boolean);
}
