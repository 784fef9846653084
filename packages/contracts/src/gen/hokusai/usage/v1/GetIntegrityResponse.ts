// Original file: protos/hokusai/usage/v1/usage.proto

import type { IncarnationIntegrity as _hokusai_usage_v1_IncarnationIntegrity, IncarnationIntegrity__Output as _hokusai_usage_v1_IncarnationIntegrity__Output } from '../../../hokusai/usage/v1/IncarnationIntegrity.ts';

/**
 * Whether anything is missing, and where.
 */
export interface GetIntegrityResponse {
  /**
   * Nothing that any incarnation numbered is missing, and none ended uncleanly.
   */
  'complete'?: (boolean);
  /**
   * One for each gateway process.
   */
  'incarnations'?: (_hokusai_usage_v1_IncarnationIntegrity)[];
}

/**
 * Whether anything is missing, and where.
 */
export interface GetIntegrityResponse__Output {
  /**
   * Nothing that any incarnation numbered is missing, and none ended uncleanly.
   */
  'complete': (boolean);
  /**
   * One for each gateway process.
   */
  'incarnations': (_hokusai_usage_v1_IncarnationIntegrity__Output)[];
}
