// Original file: protos/hokusai/audit/v1/audit.proto

import type { Checkpoint as _hokusai_audit_v1_Checkpoint, Checkpoint__Output as _hokusai_audit_v1_Checkpoint__Output } from '../../../hokusai/audit/v1/Checkpoint.ts';

export interface ListCheckpointsResponse {
  'checkpoints'?: (_hokusai_audit_v1_Checkpoint)[];
  'nextCursor'?: (string);
}

export interface ListCheckpointsResponse__Output {
  'checkpoints': (_hokusai_audit_v1_Checkpoint__Output)[];
  'nextCursor': (string);
}
