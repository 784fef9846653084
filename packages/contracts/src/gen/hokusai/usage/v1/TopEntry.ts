// Original file: protos/hokusai/usage/v1/usage.proto

import type { UsageTotals as _hokusai_usage_v1_UsageTotals, UsageTotals__Output as _hokusai_usage_v1_UsageTotals__Output } from '../../../hokusai/usage/v1/UsageTotals.ts';

/**
 * One place in the ranking.
 */
export interface TopEntry {
  /**
   * Key id, endpoint or address.
   */
  'value'?: (string);
  /**
   * Key prefix and name, where the value is a key id.
   */
  'label'?: (string);
  /**
   * Of its requests.
   */
  'totals'?: (_hokusai_usage_v1_UsageTotals | null);
}

/**
 * One place in the ranking.
 */
export interface TopEntry__Output {
  /**
   * Key id, endpoint or address.
   */
  'value': (string);
  /**
   * Key prefix and name, where the value is a key id.
   */
  'label': (string);
  /**
   * Of its requests.
   */
  'totals': (_hokusai_usage_v1_UsageTotals__Output | null);
}
