// Original file: protos/hokusai/keys/v1/management.proto

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../../../google/protobuf/Duration.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

// Original file: protos/hokusai/keys/v1/management.proto

export const _hokusai_keys_v1_GatewayReceipt_Status = {
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

export type _hokusai_keys_v1_GatewayReceipt_Status =
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

export type _hokusai_keys_v1_GatewayReceipt_Status__Output = typeof _hokusai_keys_v1_GatewayReceipt_Status[keyof typeof _hokusai_keys_v1_GatewayReceipt_Status]

export interface GatewayReceipt {
  'incarnation'?: (string);
  'gateway'?: (string);
  'status'?: (_hokusai_keys_v1_GatewayReceipt_Status);
  /**
   * Commit to acknowledgement.
   */
  'lag'?: (_google_protobuf_Duration | null);
  'fencedBy'?: (_google_protobuf_Timestamp | null);
}

export interface GatewayReceipt__Output {
  'incarnation': (string);
  'gateway': (string);
  'status': (_hokusai_keys_v1_GatewayReceipt_Status__Output);
  /**
   * Commit to acknowledgement.
   */
  'lag': (_google_protobuf_Duration__Output | null);
  'fencedBy': (_google_protobuf_Timestamp__Output | null);
}
