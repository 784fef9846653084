// Original file: protos/hokusai/audit/v1/audit.proto

import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';

export interface ListEventsResponse {
  'events'?: (_hokusai_audit_v1_AuditEvent)[];
  'nextCursor'?: (string);
}

export interface ListEventsResponse__Output {
  'events': (_hokusai_audit_v1_AuditEvent__Output)[];
  'nextCursor': (string);
}
