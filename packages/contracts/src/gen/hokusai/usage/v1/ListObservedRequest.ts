// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * Whom gateways would have refused, in which period.
 */
export interface ListObservedRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_usage_v1_Reader | null);
  /**
   * First moment of the period; absent: a day before to. INVALID_ARGUMENT if it lies in the future.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  /**
   * First moment after it; absent: now. INVALID_ARGUMENT if it is earlier than from.
   */
  'to'?: (_google_protobuf_Timestamp | null);
  /**
   * How many clients, at most 1000; 0 means 100.
   */
  'limit'?: (number);
}

/**
 * Whom gateways would have refused, in which period.
 */
export interface ListObservedRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  /**
   * First moment of the period; absent: a day before to. INVALID_ARGUMENT if it lies in the future.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  /**
   * First moment after it; absent: now. INVALID_ARGUMENT if it is earlier than from.
   */
  'to': (_google_protobuf_Timestamp__Output | null);
  /**
   * How many clients, at most 1000; 0 means 100.
   */
  'limit': (number);
}
