// Original file: protos/hokusai/usage/v1/usage.proto

import type { Latency as _hokusai_usage_v1_Latency, Latency__Output as _hokusai_usage_v1_Latency__Output } from '../../../hokusai/usage/v1/Latency.ts';
import type { StatusClasses as _hokusai_usage_v1_StatusClasses, StatusClasses__Output as _hokusai_usage_v1_StatusClasses__Output } from '../../../hokusai/usage/v1/StatusClasses.ts';
import type { Long } from '@grpc/proto-loader';

/**
 * Sums over the selected requests.
 */
export interface UsageTotals {
  /**
   * All of them, refused ones included.
   */
  'requests'?: (number | string | Long);
  /**
   * Answers of 500 and above.
   */
  'errors'?: (number | string | Long);
  /**
   * Refused by the gateway, by reason. Where nothing is filtered by, also those without a known key.
   */
  'refused'?: ({[key: string]: number | string | Long});
  /**
   * Absent without requests.
   */
  'latency'?: (_hokusai_usage_v1_Latency | null);
  /**
   * Bodies of requests.
   */
  'bytesIn'?: (number | string | Long);
  /**
   * Bodies of answers.
   */
  'bytesOut'?: (number | string | Long);
  /**
   * All of them by the hundreds of their status.
   */
  'statuses'?: (_hokusai_usage_v1_StatusClasses | null);
}

/**
 * Sums over the selected requests.
 */
export interface UsageTotals__Output {
  /**
   * All of them, refused ones included.
   */
  'requests': (string);
  /**
   * Answers of 500 and above.
   */
  'errors': (string);
  /**
   * Refused by the gateway, by reason. Where nothing is filtered by, also those without a known key.
   */
  'refused': ({[key: string]: string});
  /**
   * Absent without requests.
   */
  'latency': (_hokusai_usage_v1_Latency__Output | null);
  /**
   * Bodies of requests.
   */
  'bytesIn': (string);
  /**
   * Bodies of answers.
   */
  'bytesOut': (string);
  /**
   * All of them by the hundreds of their status.
   */
  'statuses': (_hokusai_usage_v1_StatusClasses__Output | null);
}
