// Original file: protos/hokusai/usage/v1/usage.proto

export const Granularity = {
  GRANULARITY_UNSPECIFIED: 'GRANULARITY_UNSPECIFIED',
  GRANULARITY_MINUTE: 'GRANULARITY_MINUTE',
  GRANULARITY_HOUR: 'GRANULARITY_HOUR',
  GRANULARITY_DAY: 'GRANULARITY_DAY',
} as const;

export type Granularity =
  | 'GRANULARITY_UNSPECIFIED'
  | 0
  | 'GRANULARITY_MINUTE'
  | 1
  | 'GRANULARITY_HOUR'
  | 2
  | 'GRANULARITY_DAY'
  | 3

export type Granularity__Output = typeof Granularity[keyof typeof Granularity]
