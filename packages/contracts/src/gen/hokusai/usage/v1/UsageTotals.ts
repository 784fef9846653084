// Original file: protos/hokusai/usage/v1/usage.proto

import type { Latency as _hokusai_usage_v1_Latency, Latency__Output as _hokusai_usage_v1_Latency__Output } from '../../../hokusai/usage/v1/Latency.ts';
import type { Long } from '@grpc/proto-loader';

export interface UsageTotals {
  'requests'?: (number | string | Long);
  /**
   * Answers of 500 and above.
   */
  'errors'?: (number | string | Long);
  /**
   * Refused by the gateway, by reason.
   */
  'refused'?: ({[key: string]: number | string | Long});
  'latency'?: (_hokusai_usage_v1_Latency | null);
  'bytesIn'?: (number | string | Long);
  'bytesOut'?: (number | string | Long);
}

export interface UsageTotals__Output {
  'requests': (string);
  /**
   * Answers of 500 and above.
   */
  'errors': (string);
  /**
   * Refused by the gateway, by reason.
   */
  'refused': ({[key: string]: string});
  'latency': (_hokusai_usage_v1_Latency__Output | null);
  'bytesIn': (string);
  'bytesOut': (string);
}
