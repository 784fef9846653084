// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { UserStateFilter as _hokusai_keys_v1_UserStateFilter, UserStateFilter__Output as _hokusai_keys_v1_UserStateFilter__Output } from '../../../hokusai/keys/v1/UserStateFilter.ts';

/**
 * One page of users.
 */
export interface ListUsersRequest {
  /**
   * Who is asking. Required.
   */
  'caller'?: (_hokusai_keys_v1_Caller | null);
  /**
   * At most 200; 0 means 50.
   */
  'pageSize'?: (number);
  /**
   * next_cursor of the page before.
   */
  'cursor'?: (string);
  /**
   * Matches exactly. Each absent filter matches all.
   */
  'externalId'?: (string);
  /**
   * Matches exactly but for upper and lower case.
   */
  'email'?: (string);
  /**
   * Member or admin.
   */
  'role'?: (_hokusai_keys_v1_Role);
  /**
   * At the time of the call.
   */
  'state'?: (_hokusai_keys_v1_UserStateFilter);
}

/**
 * One page of users.
 */
export interface ListUsersRequest__Output {
  /**
   * Who is asking. Required.
   */
  'caller': (_hokusai_keys_v1_Caller__Output | null);
  /**
   * At most 200; 0 means 50.
   */
  'pageSize': (number);
  /**
   * next_cursor of the page before.
   */
  'cursor': (string);
  /**
   * Matches exactly. Each absent filter matches all.
   */
  'externalId': (string);
  /**
   * Matches exactly but for upper and lower case.
   */
  'email': (string);
  /**
   * Member or admin.
   */
  'role': (_hokusai_keys_v1_Role__Output);
  /**
   * At the time of the call.
   */
  'state': (_hokusai_keys_v1_UserStateFilter__Output);
}
