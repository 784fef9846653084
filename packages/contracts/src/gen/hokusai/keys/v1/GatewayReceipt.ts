// Original file: protos/hokusai/keys/v1/management.proto

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/Duration.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

// Original file: protos/hokusai/keys/v1/management.proto

/**
 * Whether it may still trust the old state.
 */
export const _hokusai_keys_v1_GatewayReceipt_Status = {
  /**
   * Never answered.
   */
  STATUS_UNSPECIFIED: 'STATUS_UNSPECIFIED',
  /**
   * It has applied the change.
   */
  STATUS_ACKNOWLEDGED: 'STATUS_ACKNOWLEDGED',
  /**
   * It said goodbye.
   */
  STATUS_LEFT: 'STATUS_LEFT',
  /**
   * It has not answered; fenced_by tells when its trust ends by itself.
   */
  STATUS_SILENT: 'STATUS_SILENT',
} as const;

/**
 * Whether it may still trust the old state.
 */
export type _hokusai_keys_v1_GatewayReceipt_Status =
  /**
   * Never answered.
   */
  | 'STATUS_UNSPECIFIED'
  | 0
  /**
   * It has applied the change.
   */
  | 'STATUS_ACKNOWLEDGED'
  | 1
  /**
   * It said goodbye.
   */
  | 'STATUS_LEFT'
  | 2
  /**
   * It has not answered; fenced_by tells when its trust ends by itself.
   */
  | 'STATUS_SILENT'
  | 3

/**
 * Whether it may still trust the old state.
 */
export type _hokusai_keys_v1_GatewayReceipt_Status__Output = typeof _hokusai_keys_v1_GatewayReceipt_Status[keyof typeof _hokusai_keys_v1_GatewayReceipt_Status]

/**
 * What one gateway knows of a revocation.
 */
export interface GatewayReceipt {
  /**
   * Identity of the gateway process (uuid).
   */
  'incarnation'?: (string);
  /**
   * Its name for people.
   */
  'gateway'?: (string);
  /**
   * What it knows.
   */
  'status'?: (_hokusai_keys_v1_GatewayReceipt_Status);
  /**
   * With STATUS_ACKNOWLEDGED: from the commit until the acknowledgement was recorded. Absent
   * of a key that was revoked before.
   */
  'lag'?: (_google_protobuf_Duration | null);
  /**
   * With STATUS_SILENT: after that time it trusts nothing that it held at the commit.
   */
  'fencedBy'?: (_google_protobuf_Timestamp | null);
}

/**
 * What one gateway knows of a revocation.
 */
export interface GatewayReceipt__Output {
  /**
   * Identity of the gateway process (uuid).
   */
  'incarnation': (string);
  /**
   * Its name for people.
   */
  'gateway': (string);
  /**
   * What it knows.
   */
  'status': (_hokusai_keys_v1_GatewayReceipt_Status__Output);
  /**
   * With STATUS_ACKNOWLEDGED: from the commit until the acknowledgement was recorded. Absent
   * of a key that was revoked before.
   */
  'lag': (_google_protobuf_Duration__Output | null);
  /**
   * With STATUS_SILENT: after that time it trusts nothing that it held at the commit.
   */
  'fencedBy': (_google_protobuf_Timestamp__Output | null);
}
