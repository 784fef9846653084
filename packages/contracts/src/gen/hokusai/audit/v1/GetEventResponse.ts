// Original file: protos/hokusai/audit/v1/audit.proto

import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';

export interface GetEventResponse {
  'event'?: (_hokusai_audit_v1_AuditEvent | null);
}

export interface GetEventResponse__Output {
  'event': (_hokusai_audit_v1_AuditEvent__Output | null);
}
