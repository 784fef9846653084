// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { KeyStateFilter as _hokusai_keys_v1_KeyStateFilter, KeyStateFilter__Output as _hokusai_keys_v1_KeyStateFilter__Output } from '../../../hokusai/keys/v1/KeyStateFilter.ts';
import type { Environment as _hokusai_keys_v1_Environment, Environment__Output as _hokusai_keys_v1_Environment__Output } from '../../../hokusai/keys/v1/Environment.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

export interface ListKeysRequest {
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
   * Filters; each absent one matches all.
   */
  'userId'?: (string);
  'state'?: (_hokusai_keys_v1_KeyStateFilter);
  'environment'?: (_hokusai_keys_v1_Environment);
  'scope'?: (string);
  /**
   * Part of the name, case-insensitive.
   */
  'nameContains'?: (string);
  /**
   * Not used since then, or never.
   */
  'unusedSince'?: (_google_protobuf_Timestamp | null);
  'expiresBefore'?: (_google_protobuf_Timestamp | null);
}

export interface ListKeysRequest__Output {
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
   * Filters; each absent one matches all.
   */
  'userId': (string);
  'state': (_hokusai_keys_v1_KeyStateFilter__Output);
  'environment': (_hokusai_keys_v1_Environment__Output);
  'scope': (string);
  /**
   * Part of the name, case-insensitive.
   */
  'nameContains': (string);
  /**
   * Not used since then, or never.
   */
  'unusedSince': (_google_protobuf_Timestamp__Output | null);
  'expiresBefore': (_google_protobuf_Timestamp__Output | null);
}
