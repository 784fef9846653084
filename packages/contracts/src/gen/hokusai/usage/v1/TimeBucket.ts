// Original file: protos/hokusai/usage/v1/usage.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';
import type { UsageTotals as _hokusai_usage_v1_UsageTotals, UsageTotals__Output as _hokusai_usage_v1_UsageTotals__Output } from '../../../hokusai/usage/v1/UsageTotals.ts';

export interface TimeBucket {
  'start'?: (_google_protobuf_Timestamp | null);
  'totals'?: (_hokusai_usage_v1_UsageTotals | null);
}

export interface TimeBucket__Output {
  'start': (_google_protobuf_Timestamp__Output | null);
  'totals': (_hokusai_usage_v1_UsageTotals__Output | null);
}
