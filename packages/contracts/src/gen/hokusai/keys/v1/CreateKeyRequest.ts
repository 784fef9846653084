// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Environment as _hokusai_keys_v1_Environment, Environment__Output as _hokusai_keys_v1_Environment__Output } from '../../../hokusai/keys/v1/Environment.ts';
import type { ScopeList as _hokusai_keys_v1_ScopeList, ScopeList__Output as _hokusai_keys_v1_ScopeList__Output } from '../../../hokusai/keys/v1/ScopeList.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { Struct as _google_protobuf_Struct, Struct__Output as _google_protobuf_Struct__Output } from '../../../google/protobuf/Struct.ts';
import type { Idempotency as _hokusai_keys_v1_Idempotency, Idempotency__Output as _hokusai_keys_v1_Idempotency__Output } from '../../../hokusai/keys/v1/Idempotency.ts';

export interface CreateKeyRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
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
  'expiresAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Each absent limit takes its default.
   */
  'rateLimitPerHour'?: (number);
  'burstLimit'?: (number);
  'burstWindowSeconds'?: (number);
  'allowedIps'?: (string)[];
  'metadata'?: (_google_protobuf_Struct | null);
  'idempotency'?: (_hokusai_keys_v1_Idempotency | null);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}

export interface CreateKeyRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
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
  'expiresAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Each absent limit takes its default.
   */
  'rateLimitPerHour'?: (number);
  'burstLimit'?: (number);
  'burstWindowSeconds'?: (number);
  'allowedIps': (string)[];
  'metadata': (_google_protobuf_Struct__Output | null);
  'idempotency': (_hokusai_keys_v1_Idempotency__Output | null);
  '_rateLimitPerHour'?: "rateLimitPerHour";
  '_burstLimit'?: "burstLimit";
  '_burstWindowSeconds'?: "burstWindowSeconds";
}
