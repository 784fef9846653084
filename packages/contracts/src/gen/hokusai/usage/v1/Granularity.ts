// Original file: protos/hokusai/usage/v1/usage.proto

/**
 * Length of a bucket.
 */
export const Granularity = {
  /**
   * An hour.
   */
  GRANULARITY_UNSPECIFIED: 'GRANULARITY_UNSPECIFIED',
  /**
   * A minute.
   */
  GRANULARITY_MINUTE: 'GRANULARITY_MINUTE',
  /**
   * An hour of the time zone.
   */
  GRANULARITY_HOUR: 'GRANULARITY_HOUR',
  /**
   * A day of the time zone.
   */
  GRANULARITY_DAY: 'GRANULARITY_DAY',
} as const;

/**
 * Length of a bucket.
 */
export type Granularity =
  /**
   * An hour.
   */
  | 'GRANULARITY_UNSPECIFIED'
  | 0
  /**
   * A minute.
   */
  | 'GRANULARITY_MINUTE'
  | 1
  /**
   * An hour of the time zone.
   */
  | 'GRANULARITY_HOUR'
  | 2
  /**
   * A day of the time zone.
   */
  | 'GRANULARITY_DAY'
  | 3

/**
 * Length of a bucket.
 */
export type Granularity__Output = typeof Granularity[keyof typeof Granularity]
