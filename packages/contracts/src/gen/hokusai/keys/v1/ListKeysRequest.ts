// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { KeyStateFilter as _hokusai_keys_v1_KeyStateFilter, KeyStateFilter__Output as _hokusai_keys_v1_KeyStateFilter__Output } from '../../../hokusai/keys/v1/KeyStateFilter.ts';
import type { Environment as _hokusai_keys_v1_Environment, Environment__Output as _hokusai_keys_v1_Environment__Output } from '../../../hokusai/keys/v1/Environment.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * One page of keys.
 */
export interface ListKeysRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * At most 200; 0 means 50.
   */
  'pageSize'?: (number);
  /**
   * next_cursor of the page before.
   */
  'cursor'?: (string);
  /**
   * Owner (uuid). Each absent filter matches all.
   */
  'userId'?: (string);
  /**
   * At the time of the call.
   */
  'state'?: (_hokusai_keys_v1_KeyStateFilter);
  /**
   * Live or test.
   */
  'environment'?: (_hokusai_keys_v1_Environment);
  /**
   * Keys that have this scope.
   */
  'scope'?: (string);
  /**
   * Part of the name, case-insensitive. One or two letters or digits: how a word of the name begins.
   */
  'nameContains'?: (string);
  /**
   * Not used since then, or never.
   */
  'unusedSince'?: (_google_protobuf_Timestamp | null);
  /**
   * Keys with an expiry before that.
   */
  'expiresBefore'?: (_google_protobuf_Timestamp | null);
}

/**
 * One page of keys.
 */
export interface ListKeysRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * At most 200; 0 means 50.
   */
  'pageSize': (number);
  /**
   * next_cursor of the page before.
   */
  'cursor': (string);
  /**
   * Owner (uuid). Each absent filter matches all.
   */
  'userId': (string);
  /**
   * At the time of the call.
   */
  'state': (_hokusai_keys_v1_KeyStateFilter__Output);
  /**
   * Live or test.
   */
  'environment': (_hokusai_keys_v1_Environment__Output);
  /**
   * Keys that have this scope.
   */
  'scope': (string);
  /**
   * Part of the name, case-insensitive. One or two letters or digits: how a word of the name begins.
   */
  'nameContains': (string);
  /**
   * Not used since then, or never.
   */
  'unusedSince': (_google_protobuf_Timestamp__Output | null);
  /**
   * Keys with an expiry before that.
   */
  'expiresBefore': (_google_protobuf_Timestamp__Output | null);
}
