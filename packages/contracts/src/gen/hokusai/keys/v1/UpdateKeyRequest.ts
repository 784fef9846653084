// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from '../../../google/protobuf/FieldMask.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from '../../../google/protobuf/Struct.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * New values for a key. What the mask doesn't name stays, and its field is ignored.
 */
export interface UpdateKeyRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * Which of the fields below to set: name, scopes, rate_limit_per_hour,
   * burst_limit, burst_window_seconds, allowed_ips, expires_at, metadata. Their rules are
   * those of CreateKeyRequest.
   */
  'updateMask'?: (_google_protobuf_FieldMask | null);
  /**
   * 1 to 200 characters on one line.
   */
  'name'?: (string);
  /**
   * At least one.
   */
  'scopes'?: (string)[];
  /**
   * Absent while named by the mask: the default, as with the next two.
   */
  'rateLimitPerHour'?: (number);
  /**
   * See rate_limit_per_hour.
   */
  'burstLimit'?: (number);
  /**
   * See rate_limit_per_hour; in seconds.
   */
  'burstWindowSeconds'?: (number);
  /**
   * Empty while named by the mask: anywhere.
   */
  'allowedIps'?: (string)[];
  /**
   * Absent while named by the mask: never.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Replaces the whole object.
   */
  'metadata'?: (_google_protobuf_Struct | null);
  /**
   * If not 0: ABORTED unless the key has this version.
   */
  'ifVersion'?: (number | string | Long);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}

/**
 * New values for a key. What the mask doesn't name stays, and its field is ignored.
 */
export interface UpdateKeyRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * Which of the fields below to set: name, scopes, rate_limit_per_hour,
   * burst_limit, burst_window_seconds, allowed_ips, expires_at, metadata. Their rules are
   * those of CreateKeyRequest.
   */
  'updateMask': (_google_protobuf_FieldMask__Output | null);
  /**
   * 1 to 200 characters on one line.
   */
  'name': (string);
  /**
   * At least one.
   */
  'scopes': (string)[];
  /**
   * Absent while named by the mask: the default, as with the next two.
   */
  'rateLimitPerHour'?: (number);
  /**
   * See rate_limit_per_hour.
   */
  'burstLimit'?: (number);
  /**
   * See rate_limit_per_hour; in seconds.
   */
  'burstWindowSeconds'?: (number);
  /**
   * Empty while named by the mask: anywhere.
   */
  'allowedIps': (string)[];
  /**
   * Absent while named by the mask: never.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Replaces the whole object.
   */
  'metadata': (_google_protobuf_Struct__Output | null);
  /**
   * If not 0: ABORTED unless the key has this version.
   */
  'ifVersion': (string);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}
