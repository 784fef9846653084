// Original file: protos/hokusai/usage/v1/usage.proto

import type { UsageTotals as _hokusai_usage_v1_UsageTotals, UsageTotals__Output as _hokusai_usage_v1_UsageTotals__Output } from '../../../hokusai/usage/v1/UsageTotals.ts';

/**
 * The sums of one endpoint.
 */
export interface EndpointUsage {
  /**
   * Of HTTP.
   */
  'method'?: (string);
  /**
   * The route.
   */
  'endpoint'?: (string);
  /**
   * Of the requests to it.
   */
  'totals'?: (_hokusai_usage_v1_UsageTotals | null);
}

/**
 * The sums of one endpoint.
 */
export interface EndpointUsage__Output {
  /**
   * Of HTTP.
   */
  'method': (string);
  /**
   * The route.
   */
  'endpoint': (string);
  /**
   * Of the requests to it.
   */
  'totals': (_hokusai_usage_v1_UsageTotals__Output | null);
}
