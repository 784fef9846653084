// Original file: protos/hokusai/usage/v1/usage.proto

import type { UsageTotals as _hokusai_usage_v1_UsageTotals, UsageTotals__Output as _hokusai_usage_v1_UsageTotals__Output } from '../../../hokusai/usage/v1/UsageTotals.ts';

export interface EndpointUsage {
  'method'?: (string);
  'endpoint'?: (string);
  'totals'?: (_hokusai_usage_v1_UsageTotals | null);
}

export interface EndpointUsage__Output {
  'method': (string);
  'endpoint': (string);
  'totals': (_hokusai_usage_v1_UsageTotals__Output | null);
}
