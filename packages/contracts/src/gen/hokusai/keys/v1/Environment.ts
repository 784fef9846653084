// Original file: protos/hokusai/keys/v1/types.proto

/**
 * The environment a key belongs to; test keys may be routed to another upstream.
 */
export const Environment = {
  /**
   * Never answered; in requests it stands for the default or for all.
   */
  ENVIRONMENT_UNSPECIFIED: 'ENVIRONMENT_UNSPECIFIED',
  /**
   * Keys that begin with hk_live_.
   */
  ENVIRONMENT_LIVE: 'ENVIRONMENT_LIVE',
  /**
   * Keys that begin with hk_test_.
   */
  ENVIRONMENT_TEST: 'ENVIRONMENT_TEST',
} as const;

/**
 * The environment a key belongs to; test keys may be routed to another upstream.
 */
export type Environment =
  /**
   * Never answered; in requests it stands for the default or for all.
   */
  | 'ENVIRONMENT_UNSPECIFIED'
  | 0
  /**
   * Keys that begin with hk_live_.
   */
  | 'ENVIRONMENT_LIVE'
  | 1
  /**
   * Keys that begin with hk_test_.
   */
  | 'ENVIRONMENT_TEST'
  | 2

/**
 * The environment a key belongs to; test keys may be routed to another upstream.
 */
export type Environment__Output = typeof Environment[keyof typeof Environment]
