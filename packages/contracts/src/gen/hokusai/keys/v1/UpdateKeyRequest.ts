// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from '../../../google/protobuf/FieldMask.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from '../../../google/protobuf/Struct.ts';
import type { Long } from '@grpc/proto-loader';

export interface UpdateKeyRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'keyId'?: (string);
  /**
   * Which of the fields below to set: name, scopes, rate_limit_per_hour,
   * burst_limit, burst_window_seconds, allowed_ips, expires_at, metadata.
   */
  'updateMask'?: (_google_protobuf_FieldMask | null);
  'name'?: (string);
  'scopes'?: (string)[];
  'rateLimitPerHour'?: (number);
  'burstLimit'?: (number);
  'burstWindowSeconds'?: (number);
  'allowedIps'?: (string)[];
  /**
   * Absent while named by the mask: never.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  'metadata'?: (_google_protobuf_Struct | null);
  /**
   * If not 0: ABORTED unless the key has this version.
   */
  'ifVersion'?: (number | string | Long);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}

export interface UpdateKeyRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'keyId': (string);
  /**
   * Which of the fields below to set: name, scopes, rate_limit_per_hour,
   * burst_limit, burst_window_seconds, allowed_ips, expires_at, metadata.
   */
  'updateMask': (_google_protobuf_FieldMask__Output | null);
  'name': (string);
  'scopes': (string)[];
  'rateLimitPerHour'?: (number);
  'burstLimit'?: (number);
  'burstWindowSeconds'?: (number);
  'allowedIps': (string)[];
  /**
   * Absent while named by the mask: never.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  'metadata': (_google_protobuf_Struct__Output | null);
  /**
   * If not 0: ABORTED unless the key has this version.
   */
  'ifVersion': (string);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}
