// Original file: protos/hokusai/usage/v1/usage.proto

import type { IncarnationIntegrity as _hokusai_usage_v1_IncarnationIntegrity, IncarnationIntegrity__Output as _hokusai_usage_v1_IncarnationIntegrity__Output } from '../../../hokusai/usage/v1/IncarnationIntegrity.ts';
import type { IntegrityStatuses as _hokusai_usage_v1_IntegrityStatuses, IntegrityStatuses__Output as _hokusai_usage_v1_IntegrityStatuses__Output } from '../../../hokusai/usage/v1/IntegrityStatuses.ts';

/**
 * Whether anything is missing in the period, and one page of where.
 */
export interface GetIntegrityResponse {
  /**
   * Nothing that any process of the period numbered is missing, none ended uncleanly, and the broker
   * can be reached. True where there was no process at all.
   */
  'complete'?: (boolean);
  /**
   * One for each gateway process, the one that was heard of first at first.
   */
  'incarnations'?: (_hokusai_usage_v1_IncarnationIntegrity)[];
  /**
   * False: what gateways have numbered since the service last heard of them is not known. They keep
   * it until the broker is back.
   */
  'brokerReachable'?: (boolean);
  /**
   * Empty on the last page.
   */
  'nextCursor'?: (string);
  /**
   * How many processes of the whole period stand how.
   */
  'statuses'?: (_hokusai_usage_v1_IntegrityStatuses | null);
}

/**
 * Whether anything is missing in the period, and one page of where.
 */
export interface GetIntegrityResponse__Output {
  /**
   * Nothing that any process of the period numbered is missing, none ended uncleanly, and the broker
   * can be reached. True where there was no process at all.
   */
  'complete': (boolean);
  /**
   * One for each gateway process, the one that was heard of first at first.
   */
  'incarnations': (_hokusai_usage_v1_IncarnationIntegrity__Output)[];
  /**
   * False: what gateways have numbered since the service last heard of them is not known. They keep
   * it until the broker is back.
   */
  'brokerReachable': (boolean);
  /**
   * Empty on the last page.
   */
  'nextCursor': (string);
  /**
   * How many processes of the whole period stand how.
   */
  'statuses': (_hokusai_usage_v1_IntegrityStatuses__Output | null);
}
