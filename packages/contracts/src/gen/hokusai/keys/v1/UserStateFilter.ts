// Original file: protos/hokusai/keys/v1/management.proto

/**
 * State of users in a list.
 */
export const UserStateFilter = {
  /**
   * All of them.
   */
  USER_STATE_FILTER_UNSPECIFIED: 'USER_STATE_FILTER_UNSPECIFIED',
  /**
   * Not disabled.
   */
  USER_STATE_FILTER_ACTIVE: 'USER_STATE_FILTER_ACTIVE',
  /**
   * Disabled.
   */
  USER_STATE_FILTER_DISABLED: 'USER_STATE_FILTER_DISABLED',
} as const;

/**
 * State of users in a list.
 */
export type UserStateFilter =
  /**
   * All of them.
   */
  | 'USER_STATE_FILTER_UNSPECIFIED'
  | 0
  /**
   * Not disabled.
   */
  | 'USER_STATE_FILTER_ACTIVE'
  | 1
  /**
   * Disabled.
   */
  | 'USER_STATE_FILTER_DISABLED'
  | 2

/**
 * State of users in a list.
 */
export type UserStateFilter__Output = typeof UserStateFilter[keyof typeof UserStateFilter]
