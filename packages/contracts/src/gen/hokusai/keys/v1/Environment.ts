// Original file: protos/hokusai/keys/v1/types.proto

/**
 * The environment a key belongs to; test keys may be routed to another upstream.
 */
export const Environment = {
  ENVIRONMENT_UNSPECIFIED: 'ENVIRONMENT_UNSPECIFIED',
  ENVIRONMENT_LIVE: 'ENVIRONMENT_LIVE',
  ENVIRONMENT_TEST: 'ENVIRONMENT_TEST',
} as const;

/**
 * The environment a key belongs to; test keys may be routed to another upstream.
 */
export type Environment =
  | 'ENVIRONMENT_UNSPECIFIED'
  | 0
  | 'ENVIRONMENT_LIVE'
  | 1
  | 'ENVIRONMENT_TEST'
  | 2

/**
 * The environment a key belongs to; test keys may be routed to another upstream.
 */
export type Environment__Output = typeof Environment[keyof typeof Environment]
