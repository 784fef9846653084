// Original file: protos/hokusai/keys/v1/management.proto

import type { Caller as _hokusai_keys_v1_Caller, Caller__Output as _hokusai_keys_v1_Caller__Output } from '../../../hokusai/keys/v1/Caller.ts';
import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { UserStateFilter as _hokusai_keys_v1_UserStateFilter, UserStateFilter__Output as _hokusai_keys_v1_UserStateFilter__Output } from '../../../hokusai/keys/v1/UserStateFilter.ts';

export interface ListUsersRequest {
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
   * Filters; each absent one matches all. These two match exactly, the email in any case.
   */
  'externalId'?: (string);
  'email'?: (string);
  'role'?: (_hokusai_keys_v1_Role);
  'state'?: (_hokusai_keys_v1_UserStateFilter);
}

export interface ListUsersRequest__Output {
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
   * Filters; each absent one matches all. These two match exactly, the email in any case.
   */
  'externalId': (string);
  'email': (string);
  'role': (_hokusai_keys_v1_Role__Output);
  'state': (_hokusai_keys_v1_UserStateFilter__Output);
}
