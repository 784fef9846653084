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
   * Wait until every gateway has applied it or can no longer trust the old state. Not
   * available yet: INVALID_ARGUMENT at `wait`.
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
   * Wait until every gateway has applied it or can no longer trust the old state. Not
   * available yet: INVALID_ARGUMENT at `wait`.
   */
  'wait': (boolean);
}
