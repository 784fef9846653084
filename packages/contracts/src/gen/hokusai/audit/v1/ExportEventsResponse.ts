// Original file: protos/hokusai/audit/v1/audit.proto

import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';
import type { Checkpoint as _hokusai_audit_v1_Checkpoint, Checkpoint__Output as _hokusai_audit_v1_Checkpoint__Output } from '../../../hokusai/audit/v1/Checkpoint.ts';

export interface ExportEventsResponse {
  'event'?: (_hokusai_audit_v1_AuditEvent | null);
  'checkpoint'?: (_hokusai_audit_v1_Checkpoint | null);
  'record'?: "event"|"checkpoint";
}

export interface ExportEventsResponse__Output {
  'event'?: (_hokusai_audit_v1_AuditEvent__Output | null);
  'checkpoint'?: (_hokusai_audit_v1_Checkpoint__Output | null);
  'record'?: "event"|"checkpoint";
}
