// Original file: protos/hokusai/keys/v1/management.proto

/**
 * State of keys in a list.
 */
export const KeyStateFilter = {
  /**
   * All of them.
   */
  KEY_STATE_FILTER_UNSPECIFIED: 'KEY_STATE_FILTER_UNSPECIFIED',
  KEY_STATE_FILTER_ACTIVE: 'KEY_STATE_FILTER_ACTIVE',
  KEY_STATE_FILTER_EXPIRED: 'KEY_STATE_FILTER_EXPIRED',
  KEY_STATE_FILTER_REVOKED: 'KEY_STATE_FILTER_REVOKED',
} as const;

/**
 * State of keys in a list.
 */
export type KeyStateFilter =
  /**
   * All of them.
   */
  | 'KEY_STATE_FILTER_UNSPECIFIED'
  | 0
  | 'KEY_STATE_FILTER_ACTIVE'
  | 1
  | 'KEY_STATE_FILTER_EXPIRED'
  | 2
  | 'KEY_STATE_FILTER_REVOKED'
  | 3

/**
 * State of keys in a list.
 */
export type KeyStateFilter__Output = typeof KeyStateFilter[keyof typeof KeyStateFilter]
