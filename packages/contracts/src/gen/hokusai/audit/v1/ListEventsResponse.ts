// Original file: protos/hokusai/audit/v1/audit.proto

import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';

/**
 * One page.
 */
export interface ListEventsResponse {
  /**
   * Newest first, unless asked for otherwise.
   */
  'events'?: (_hokusai_audit_v1_AuditEvent)[];
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
}

/**
 * One page.
 */
export interface ListEventsResponse__Output {
  /**
   * Newest first, unless asked for otherwise.
   */
  'events': (_hokusai_audit_v1_AuditEvent__Output)[];
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
}
