// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/Duration.ts';
import type { Idempotency as _hokusai_keys_v1_Idempotency, Idempotency__Output as _hokusai_keys_v1_Idempotency__Output } from '../../../hokusai/keys/v1/Idempotency.ts';

/**
 * Which key gets a new secret.
 */
export interface RotateKeyRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * How long the old secret works: 0 to 30 days, and not beyond the key's own expiry. Absent
   * means ROTATION_GRACE_SECONDS, cut at that expiry.
   */
  'gracePeriod'?: (_google_protobuf_Duration | null);
  /**
   * Makes repetition safe.
   */
  'idempotency'?: (_hokusai_keys_v1_Idempotency | null);
}

/**
 * Which key gets a new secret.
 */
export interface RotateKeyRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * How long the old secret works: 0 to 30 days, and not beyond the key's own expiry. Absent
   * means ROTATION_GRACE_SECONDS, cut at that expiry.
   */
  'gracePeriod': (_google_protobuf_Duration__Output | null);
  /**
   * Makes repetition safe.
   */
  'idempotency': (_hokusai_keys_v1_Idempotency__Output | null);
}
