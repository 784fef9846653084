// Original file: protos/hokusai/audit/v1/audit.proto

import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';
import type { Checkpoint as _hokusai_audit_v1_Checkpoint, Checkpoint__Output as _hokusai_audit_v1_Checkpoint__Output } from '../../../hokusai/audit/v1/Checkpoint.ts';

/**
 * One record of an export.
 */
export interface ExportEventsResponse {
  /**
   * The next event.
   */
  'event'?: (_hokusai_audit_v1_AuditEvent | null);
  /**
   * What was signed after the events before.
   */
  'checkpoint'?: (_hokusai_audit_v1_Checkpoint | null);
  /**
   * One of them.
   */
  'record'?: "event"|"checkpoint";
}

/**
 * One record of an export.
 */
export interface ExportEventsResponse__Output {
  /**
   * The next event.
   */
  'event'?: (_hokusai_audit_v1_AuditEvent__Output | null);
  /**
   * What was signed after the events before.
   */
  'checkpoint'?: (_hokusai_audit_v1_Checkpoint__Output | null);
  /**
   * One of them.
   */
  'record'?: "event"|"checkpoint";
}
