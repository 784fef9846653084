// Original file: protos/hokusai/audit/v1/audit.proto

import type { StoredEvent as _hokusai_audit_v1_StoredEvent, StoredEvent__Output as _hokusai_audit_v1_StoredEvent__Output } from '../../../hokusai/audit/v1/StoredEvent.ts';

/**
 * Those that are committed.
 */
export interface ConfirmStoredResponse {
  /**
   * The stored ones among those asked for; the others are to be sent again.
   */
  'stored'?: (_hokusai_audit_v1_StoredEvent)[];
}

/**
 * Those that are committed.
 */
export interface ConfirmStoredResponse__Output {
  /**
   * The stored ones among those asked for; the others are to be sent again.
   */
  'stored': (_hokusai_audit_v1_StoredEvent__Output)[];
}
