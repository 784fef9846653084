// Original file: protos/hokusai/usage/v1/usage.proto

export const TopDimension = {
  TOP_DIMENSION_UNSPECIFIED: 'TOP_DIMENSION_UNSPECIFIED',
  TOP_DIMENSION_KEY: 'TOP_DIMENSION_KEY',
  TOP_DIMENSION_ENDPOINT: 'TOP_DIMENSION_ENDPOINT',
  TOP_DIMENSION_CLIENT_IP: 'TOP_DIMENSION_CLIENT_IP',
} as const;

export type TopDimension =
  | 'TOP_DIMENSION_UNSPECIFIED'
  | 0
  | 'TOP_DIMENSION_KEY'
  | 1
  | 'TOP_DIMENSION_ENDPOINT'
  | 2
  | 'TOP_DIMENSION_CLIENT_IP'
  | 3

export type TopDimension__Output = typeof TopDimension[keyof typeof TopDimension]
