// Original file: protos/hokusai/usage/v1/usage.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How many gateway processes stand how.
 */
export interface IntegrityStatuses {
  /**
   * Still announcing.
   */
  'open'?: (number | string | Long);
  /**
   * Closed, and all of it is stored.
   */
  'balanced'?: (number | string | Long);
  /**
   * Some range is missing, or the store has not what arrived.
   */
  'gap'?: (number | string | Long);
  /**
   * Silent without a goodbye.
   */
  'uncleanEnd'?: (number | string | Long);
}

/**
 * How many gateway processes stand how.
 */
export interface IntegrityStatuses__Output {
  /**
   * Still announcing.
   */
  'open': (string);
  /**
   * Closed, and all of it is stored.
   */
  'balanced': (string);
  /**
   * Some range is missing, or the store has not what arrived.
   */
  'gap': (string);
  /**
   * Silent without a goodbye.
   */
  'uncleanEnd': (string);
}
