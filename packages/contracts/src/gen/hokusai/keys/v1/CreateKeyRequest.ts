// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Environment as _hokusai_keys_v1_Environment, Environment__Output as _hokusai_keys_v1_Environment__Output } from '../../../hokusai/keys/v1/Environment.ts';
import type { ScopeList as _hokusai_keys_v1_ScopeList, ScopeList__Output as _hokusai_keys_v1_ScopeList__Output } from '../../../hokusai/keys/v1/ScopeList.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from '../../../google/protobuf/Struct.ts';
import type { Idempotency as _hokusai_keys_v1_Idempotency, Idempotency__Output as _hokusai_keys_v1_Idempotency__Output } from '../../../hokusai/keys/v1/Idempotency.ts';

/**
 * A key to be made. What is absent takes its default, or the acting key's where that is
 * tighter.
 */
export interface CreateKeyRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * 1 to 200 characters on one line; holds no API key.
   */
  'name'?: (string);
  /**
   * Owner; empty means the caller themself.
   */
  'userId'?: (string);
  /**
   * Unspecified means live.
   */
  'environment'?: (_hokusai_keys_v1_Environment);
  /**
   * Absent means mlflow:read and mlflow:write.
   */
  'scopes'?: (_hokusai_keys_v1_ScopeList | null);
  /**
   * In the future, at most as far as KEY_MAX_TTL_DAYS allows. Absent: KEY_DEFAULT_TTL_DAYS
   * from now, or never, as far as the acting key allows.
   */
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * 1 to 2,147,483,647, which is as good as none. Each absent limit takes its default.
   */
  'rateLimitPerHour'?: (number);
  /**
   * Likewise.
   */
  'burstLimit'?: (number);
  /**
   * Likewise, in seconds.
   */
  'burstWindowSeconds'?: (number);
  /**
   * At most 100 addresses and CIDR blocks, v4 and v6, with no bits beyond the prefix. Empty
   * means those of the acting key.
   */
  'allowedIps'?: (string)[];
  /**
   * At most 4,096 bytes as JSON, 8 levels deep; holds no API key.
   */
  'metadata'?: (_google_protobuf_Struct | null);
  /**
   * Makes repetition safe.
   */
  'idempotency'?: (_hokusai_keys_v1_Idempotency | null);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}

/**
 * A key to be made. What is absent takes its default, or the acting key's where that is
 * tighter.
 */
export interface CreateKeyRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * 1 to 200 characters on one line; holds no API key.
   */
  'name': (string);
  /**
   * Owner; empty means the caller themself.
   */
  'userId': (string);
  /**
   * Unspecified means live.
   */
  'environment': (_hokusai_keys_v1_Environment__Output);
  /**
   * Absent means mlflow:read and mlflow:write.
   */
  'scopes': (_hokusai_keys_v1_ScopeList__Output | null);
  /**
   * In the future, at most as far as KEY_MAX_TTL_DAYS allows. Absent: KEY_DEFAULT_TTL_DAYS
   * from now, or never, as far as the acting key allows.
   */
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * 1 to 2,147,483,647, which is as good as none. Each absent limit takes its default.
   */
  'rateLimitPerHour'?: (number);
  /**
   * Likewise.
   */
  'burstLimit'?: (number);
  /**
   * Likewise, in seconds.
   */
  'burstWindowSeconds'?: (number);
  /**
   * At most 100 addresses and CIDR blocks, v4 and v6, with no bits beyond the prefix. Empty
   * means those of the acting key.
   */
  'allowedIps': (string)[];
  /**
   * At most 4,096 bytes as JSON, 8 levels deep; holds no API key.
   */
  'metadata': (_google_protobuf_Struct__Output | null);
  /**
   * Makes repetition safe.
   */
  'idempotency': (_hokusai_keys_v1_Idempotency__Output | null);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}
