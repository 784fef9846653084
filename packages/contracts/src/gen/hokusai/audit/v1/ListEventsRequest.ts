// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';
import type { EventFilter as _hokusai_audit_v1_EventFilter, EventFilter__Output as _hokusai_audit_v1_EventFilter__Output } from '../../../hokusai/audit/v1/EventFilter.ts';

export interface ListEventsRequest {
  'reader'?: (_hokusai_audit_v1_Reader | null);
  'filter'?: (_hokusai_audit_v1_EventFilter | null);
  /**
   * At most 500; 0 means 100.
   */
  'pageSize'?: (number);
  'cursor'?: (string);
}

export interface ListEventsRequest__Output {
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  'filter': (_hokusai_audit_v1_EventFilter__Output | null);
  /**
   * At most 500; 0 means 100.
   */
  'pageSize': (number);
  'cursor': (string);
}
