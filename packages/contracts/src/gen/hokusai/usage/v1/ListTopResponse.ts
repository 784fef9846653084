// Original file: protos/hokusai/usage/v1/usage.proto

import type { TopEntry as _hokusai_usage_v1_TopEntry, TopEntry__Output as _hokusai_usage_v1_TopEntry__Output } from '../../../hokusai/usage/v1/TopEntry.ts';

/**
 * The ranking.
 */
export interface ListTopResponse {
  /**
   * Most requests first.
   */
  'entries'?: (_hokusai_usage_v1_TopEntry)[];
}

/**
 * The ranking.
 */
export interface ListTopResponse__Output {
  /**
   * Most requests first.
   */
  'entries': (_hokusai_usage_v1_TopEntry__Output)[];
}
