// Original file: protos/hokusai/usage/v1/usage.proto

/**
 * What comes first.
 */
export const EndpointOrder = {
  /**
   * Most requests.
   */
  ENDPOINT_ORDER_UNSPECIFIED: 'ENDPOINT_ORDER_UNSPECIFIED',
  /**
   * Most requests.
   */
  ENDPOINT_ORDER_REQUESTS: 'ENDPOINT_ORDER_REQUESTS',
  /**
   * Longest 99th percentile.
   */
  ENDPOINT_ORDER_SLOWEST: 'ENDPOINT_ORDER_SLOWEST',
} as const;

/**
 * What comes first.
 */
export type EndpointOrder =
  /**
   * Most requests.
   */
  | 'ENDPOINT_ORDER_UNSPECIFIED'
  | 0
  /**
   * Most requests.
   */
  | 'ENDPOINT_ORDER_REQUESTS'
  | 1
  /**
   * Longest 99th percentile.
   */
  | 'ENDPOINT_ORDER_SLOWEST'
  | 2

/**
 * What comes first.
 */
export type EndpointOrder__Output = typeof EndpointOrder[keyof typeof EndpointOrder]
