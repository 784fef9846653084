// Original file: protos/hokusai/audit/v1/audit.proto

import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';

/**
 * The event.
 */
export interface GetEventResponse {
  /**
   * As it was appended.
   */
  'event'?: (_hokusai_audit_v1_AuditEvent | null);
}

/**
 * The event.
 */
export interface GetEventResponse__Output {
  /**
   * As it was appended.
   */
  'event': (_hokusai_audit_v1_AuditEvent__Output | null);
}
