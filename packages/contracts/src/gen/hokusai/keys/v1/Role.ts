// Original file: protos/hokusai/keys/v1/types.proto

/**
 * What a user may do with keys that are not theirs.
 */
export const Role = {
  /**
   * Never answered; in requests it stands for the default or for all.
   */
  ROLE_UNSPECIFIED: 'ROLE_UNSPECIFIED',
  /**
   * Manages their own keys.
   */
  ROLE_MEMBER: 'ROLE_MEMBER',
  /**
   * Manages all keys and users.
   */
  ROLE_ADMIN: 'ROLE_ADMIN',
} as const;

/**
 * What a user may do with keys that are not theirs.
 */
export type Role =
  /**
   * Never answered; in requests it stands for the default or for all.
   */
  | 'ROLE_UNSPECIFIED'
  | 0
  /**
   * Manages their own keys.
   */
  | 'ROLE_MEMBER'
  | 1
  /**
   * Manages all keys and users.
   */
  | 'ROLE_ADMIN'
  | 2

/**
 * What a user may do with keys that are not theirs.
 */
export type Role__Output = typeof Role[keyof typeof Role]
