// Original file: protos/hokusai/usage/v1/usage.proto

import type { ObservedClient as _hokusai_usage_v1_ObservedClient, ObservedClient__Output as _hokusai_usage_v1_ObservedClient__Output } from '../../../hokusai/usage/v1/ObservedClient.ts';

/**
 * The clients.
 */
export interface ListObservedResponse {
  /**
   * Most requests first; a client of several reasons for each of them.
   */
  'clients'?: (_hokusai_usage_v1_ObservedClient)[];
}

/**
 * The clients.
 */
export interface ListObservedResponse__Output {
  /**
   * Most requests first; a client of several reasons for each of them.
   */
  'clients': (_hokusai_usage_v1_ObservedClient__Output)[];
}
