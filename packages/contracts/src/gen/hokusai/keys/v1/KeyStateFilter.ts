// Original file: protos/hokusai/keys/v1/management.proto

/**
 * State of keys in a list.
 */
export const KeyStateFilter = {
  /**
   * All of them.
   */
  KEY_STATE_FILTER_UNSPECIFIED: 'KEY_STATE_FILTER_UNSPECIFIED',
  /**
   * Those that work, as far as the key itself is concerned.
   */
  KEY_STATE_FILTER_ACTIVE: 'KEY_STATE_FILTER_ACTIVE',
  /**
   * Past their expiry, swept or not, and not revoked.
   */
  KEY_STATE_FILTER_EXPIRED: 'KEY_STATE_FILTER_EXPIRED',
  /**
   * Revoked, also those that would have expired by now.
   */
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
  /**
   * Those that work, as far as the key itself is concerned.
   */
  | 'KEY_STATE_FILTER_ACTIVE'
  | 1
  /**
   * Past their expiry, swept or not, and not revoked.
   */
  | 'KEY_STATE_FILTER_EXPIRED'
  | 2
  /**
   * Revoked, also those that would have expired by now.
   */
  | 'KEY_STATE_FILTER_REVOKED'
  | 3

/**
 * State of keys in a list.
 */
export type KeyStateFilter__Output = typeof KeyStateFilter[keyof typeof KeyStateFilter]
