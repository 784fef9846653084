// Original file: protos/hokusai/audit/v1/audit.proto

import type { ExportHeader as _hokusai_audit_v1_ExportHeader, ExportHeader__Output as _hokusai_audit_v1_ExportHeader__Output } from '../../../hokusai/audit/v1/ExportHeader.ts';
import type { Signer as _hokusai_audit_v1_Signer, Signer__Output as _hokusai_audit_v1_Signer__Output } from '../../../hokusai/audit/v1/Signer.ts';
import type { AuditEvent as _hokusai_audit_v1_AuditEvent, AuditEvent__Output as _hokusai_audit_v1_AuditEvent__Output } from '../../../hokusai/audit/v1/AuditEvent.ts';
import type { Checkpoint as _hokusai_audit_v1_Checkpoint, Checkpoint__Output as _hokusai_audit_v1_Checkpoint__Output } from '../../../hokusai/audit/v1/Checkpoint.ts';
import type { ExportEnd as _hokusai_audit_v1_ExportEnd, ExportEnd__Output as _hokusai_audit_v1_ExportEnd__Output } from '../../../hokusai/audit/v1/ExportEnd.ts';

/**
 * One record of an export.
 */
export interface ExportEventsResponse {
  /**
   * What follows.
   */
  'header'?: (_hokusai_audit_v1_ExportHeader | null);
  /**
   * Who signs, oldest first.
   */
  'signer'?: (_hokusai_audit_v1_Signer | null);
  /**
   * The next event.
   */
  'event'?: (_hokusai_audit_v1_AuditEvent | null);
  /**
   * What was signed when the event before was the last one.
   */
  'checkpoint'?: (_hokusai_audit_v1_Checkpoint | null);
  /**
   * That this was all.
   */
  'end'?: (_hokusai_audit_v1_ExportEnd | null);
  /**
   * One of them, in this order; events and checkpoints by their rows.
   */
  'record'?: "header"|"signer"|"event"|"checkpoint"|"end";
}

/**
 * One record of an export.
 */
export interface ExportEventsResponse__Output {
  /**
   * What follows.
   */
  'header'?: (_hokusai_audit_v1_ExportHeader__Output | null);
  /**
   * Who signs, oldest first.
   */
  'signer'?: (_hokusai_audit_v1_Signer__Output | null);
  /**
   * The next event.
   */
  'event'?: (_hokusai_audit_v1_AuditEvent__Output | null);
  /**
   * What was signed when the event before was the last one.
   */
  'checkpoint'?: (_hokusai_audit_v1_Checkpoint__Output | null);
  /**
   * That this was all.
   */
  'end'?: (_hokusai_audit_v1_ExportEnd__Output | null);
  /**
   * One of them, in this order; events and checkpoints by their rows.
   */
  'record'?: "header"|"signer"|"event"|"checkpoint"|"end";
}
