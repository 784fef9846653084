// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';
import type { EventFilter as _hokusai_audit_v1_EventFilter, EventFilter__Output as _hokusai_audit_v1_EventFilter__Output } from '../../../hokusai/audit/v1/EventFilter.ts';

/**
 * One page of events.
 */
export interface ListEventsRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_audit_v1_Reader | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter'?: (_hokusai_audit_v1_EventFilter | null);
  /**
   * At most 500; 0 means 100.
   */
  'pageSize'?: (number);
  /**
   * next_cursor of the page before; empty for the first one.
   */
  'cursor'?: (string);
  /**
   * Oldest first; then next_cursor is never empty where there is any event, so that what is
   * appended later can be asked for.
   */
  'oldestFirst'?: (boolean);
}

/**
 * One page of events.
 */
export interface ListEventsRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  /**
   * Which ones; absent: all that the reader may see.
   */
  'filter': (_hokusai_audit_v1_EventFilter__Output | null);
  /**
   * At most 500; 0 means 100.
   */
  'pageSize': (number);
  /**
   * next_cursor of the page before; empty for the first one.
   */
  'cursor': (string);
  /**
   * Oldest first; then next_cursor is never empty where there is any event, so that what is
   * appended later can be asked for.
   */
  'oldestFirst': (boolean);
}
