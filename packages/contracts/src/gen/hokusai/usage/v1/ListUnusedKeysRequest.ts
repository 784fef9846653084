// Original file: protos/hokusai/usage/v1/usage.proto

import type { Reader as _hokusai_usage_v1_Reader, Reader__Output as _hokusai_usage_v1_Reader__Output } from '../../../hokusai/usage/v1/Reader.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/Duration.ts';

export interface ListUnusedKeysRequest {
  'reader'?: (_hokusai_usage_v1_Reader | null);
  'unusedFor'?: (_google_protobuf_Duration | null);
  'pageSize'?: (number);
  'cursor'?: (string);
}

export interface ListUnusedKeysRequest__Output {
  'reader': (_hokusai_usage_v1_Reader__Output | null);
  'unusedFor': (_google_protobuf_Duration__Output | null);
  'pageSize': (number);
  'cursor': (string);
}
