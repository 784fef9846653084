// Original file: protos/hokusai/usage/v1/usage.proto

export const EndpointOrder = {
  ENDPOINT_ORDER_UNSPECIFIED: 'ENDPOINT_ORDER_UNSPECIFIED',
  ENDPOINT_ORDER_REQUESTS: 'ENDPOINT_ORDER_REQUESTS',
  ENDPOINT_ORDER_SLOWEST: 'ENDPOINT_ORDER_SLOWEST',
} as const;

export type EndpointOrder =
  | 'ENDPOINT_ORDER_UNSPECIFIED'
  | 0
  | 'ENDPOINT_ORDER_REQUESTS'
  | 1
  | 'ENDPOINT_ORDER_SLOWEST'
  | 2

export type EndpointOrder__Output = typeof EndpointOrder[keyof typeof EndpointOrder]
