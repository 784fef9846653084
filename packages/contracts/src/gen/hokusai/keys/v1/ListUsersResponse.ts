// Original file: protos/hokusai/keys/v1/management.proto

import type { User as _hokusai_keys_v1_User, User__Output as _hokusai_keys_v1_User__Output } from '../../../hokusai/keys/v1/User.ts';

export interface ListUsersResponse {
  'users'?: (_hokusai_keys_v1_User)[];
  'nextCursor'?: (string);
}

export interface ListUsersResponse__Output {
  'users': (_hokusai_keys_v1_User__Output)[];
  'nextCursor': (string);
}
