// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/Duration.ts';
import type { Idempotency as _hokusai_keys_v1_Idempotency, Idempotency__Output as _hokusai_keys_v1_Idempotency__Output } from '../../../hokusai/keys/v1/Idempotency.ts';

export interface RotateKeyRequest {
  'caller'?: (_hokusai_keys_v1_Caller | null);
  'keyId'?: (string);
  /**
   * How long the old secret works, 0 to 30 days; absent means the default.
   */
  'gracePeriod'?: (_google_protobuf_Duration | null);
  'idempotency'?: (_hokusai_keys_v1_Idempotency | null);
}

export interface RotateKeyRequest__Output {
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  'keyId': (string);
  /**
   * How long the old secret works, 0 to 30 days; absent means the default.
   */
  'gracePeriod': (_google_protobuf_Duration__Output | null);
  'idempotency': (_hokusai_keys_v1_Idempotency__Output | null);
}
