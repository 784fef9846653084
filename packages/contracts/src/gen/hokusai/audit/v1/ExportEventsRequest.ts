// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';
import type { EventFilter as _hokusai_audit_v1_EventFilter, EventFilter__Output as _hokusai_audit_v1_EventFilter__Output } from '../../../hokusai/audit/v1/EventFilter.ts';

/**
 * Which events.
 */
export interface ExportEventsRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_audit_v1_Reader | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter'?: (_hokusai_audit_v1_EventFilter | null);
}

/**
 * Which events.
 */
export interface ExportEventsRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter': (_hokusai_audit_v1_EventFilter__Output | null);
}
