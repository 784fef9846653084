// Original file: protos/hokusai/audit/v1/audit.proto

import type { Reader as _hokusai_audit_v1_Reader, Reader__Output as _hokusai_audit_v1_Reader__Output } from '../../../hokusai/audit/v1/Reader.ts';

export interface ListCheckpointsRequest {
  'reader'?: (_hokusai_audit_v1_Reader | null);
  'pageSize'?: (number);
  'cursor'?: (string);
}

export interface ListCheckpointsRequest__Output {
  'reader': (_hokusai_audit_v1_Reader__Output | null);
  'pageSize': (number);
  'cursor': (string);
}
