// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';

/**
 * Which event.
 */
export interface GetEventRequest {
  /**
   * Who is asking. Required.
   */
  'reader'?: (_hokusai_audit_v1_Reader | null);
  /**
   * A uuid.
   */
  'eventId'?: (string);
}

/**
 * Which event.
 */
export interface GetEventRequest__Output {
  /**
   * Who is asking. Required.
   */
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  /**
   * A uuid.
   */
  'eventId': (string);
}
