// Original file: protos/hokusai/usage/v1/usage.proto

import type { UsageTotals as _hokusai_usage_v1_UsageTotals, UsageTotals__Output as _hokusai_usage_v1_UsageTotals__Output } from '../../../hokusai/usage/v1/UsageTotals.ts';

/**
 * The sums.
 */
export interface GetSummaryResponse {
  /**
   * Over all of them.
   */
  'totals'?: (_hokusai_usage_v1_UsageTotals | null);
}

/**
 * The sums.
 */
export interface GetSummaryResponse__Output {
  /**
   * Over all of them.
   */
  'totals': (_hokusai_usage_v1_UsageTotals__Output | null);
}
