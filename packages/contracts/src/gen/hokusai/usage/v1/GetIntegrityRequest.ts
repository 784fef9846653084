// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * Which gateway processes: those that were heard of in the period.
 */
export interface GetIntegrityRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_usage_v1_Reader | null);
  /**
   * First moment of the period; absent: since ever.
   */
  'from'?: (_google_protobuf_Timestamp | null);
  /**
   * First moment after it; absent: until now.
   */
  'to'?: (_google_protobuf_Timestamp | null);
}

/**
 * Which gateway processes: those that were heard of in the period.
 */
export interface GetIntegrityRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  /**
   * First moment of the period; absent: since ever.
   */
  'from': (_google_protobuf_Timestamp__Output | null);
  /**
   * First moment after it; absent: until now.
   */
  'to': (_google_protobuf_Timestamp__Output | null);
}
