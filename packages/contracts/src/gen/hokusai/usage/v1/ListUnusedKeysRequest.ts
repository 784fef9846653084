// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/Duration.ts';

/**
 * One page of keys that were not used.
 */
export interface ListUnusedKeysRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_usage_v1_Reader | null);
  /**
   * For at least that long, at most 1100 days; absent means 90 days.
   */
  'unusedFor'?: (_google_protobuf_Duration | null);
  /**
   * How many keys, at most 200; 0 means 50.
   */
  'pageSize'?: (number);
  /**
   * next_cursor of the page before; empty for the first one.
   */
  'cursor'?: (string);
}

/**
 * One page of keys that were not used.
 */
export interface ListUnusedKeysRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  /**
   * For at least that long, at most 1100 days; absent means 90 days.
   */
  'unusedFor': (_google_protobuf_Duration__Output | null);
  /**
   * How many keys, at most 200; 0 means 50.
   */
  'pageSize': (number);
  /**
   * next_cursor of the page before; empty for the first one.
   */
  'cursor': (string);
}
