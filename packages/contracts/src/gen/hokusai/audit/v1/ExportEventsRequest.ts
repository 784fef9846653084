// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';
import type { EventFilter as _hokusai_audit_v1_EventFilter, EventFilter__Output as _hokusai_audit_v1_EventFilter__Output } from '../../../hokusai/audit/v1/EventFilter.ts';
import type { Long } from '@grpc/proto-loader';

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
  /**
   * 0 means the first row that is kept.
   */
  'fromChainSeq'?: (number | string | Long);
  /**
   * 0 means the last row at the moment of asking.
   */
  'toChainSeq'?: (number | string | Long);
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
  /**
   * 0 means the first row that is kept.
   */
  'fromChainSeq': (string);
  /**
   * 0 means the last row at the moment of asking.
   */
  'toChainSeq': (string);
}
