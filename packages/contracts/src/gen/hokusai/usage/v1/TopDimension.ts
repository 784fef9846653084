// Original file: protos/hokusai/usage/v1/usage.proto

/**
 * What to rank.
 */
export const TopDimension = {
  /**
   * Keys.
   */
  TOP_DIMENSION_UNSPECIFIED: 'TOP_DIMENSION_UNSPECIFIED',
  /**
   * Keys.
   */
  TOP_DIMENSION_KEY: 'TOP_DIMENSION_KEY',
  /**
   * Endpoints.
   */
  TOP_DIMENSION_ENDPOINT: 'TOP_DIMENSION_ENDPOINT',
  /**
   * Client addresses. INVALID_ARGUMENT with an endpoint in the filter.
   */
  TOP_DIMENSION_CLIENT_IP: 'TOP_DIMENSION_CLIENT_IP',
} as const;

/**
 * What to rank.
 */
export type TopDimension =
  /**
   * Keys.
   */
  | 'TOP_DIMENSION_UNSPECIFIED'
  | 0
  /**
   * Keys.
   */
  | 'TOP_DIMENSION_KEY'
  | 1
  /**
   * Endpoints.
   */
  | 'TOP_DIMENSION_ENDPOINT'
  | 2
  /**
   * Client addresses. INVALID_ARGUMENT with an endpoint in the filter.
   */
  | 'TOP_DIMENSION_CLIENT_IP'
  | 3

/**
 * What to rank.
 */
export type TopDimension__Output = typeof TopDimension[keyof typeof TopDimension]
