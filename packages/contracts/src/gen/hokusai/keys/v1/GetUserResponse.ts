// Original file: protos/hokusai/keys/v1/management.proto

import type { User as _hokusai_keys_v1_User, User__Output as _hokusai_keys_v1_User__Output } from '../../../hokusai/keys/v1/User.ts';

export interface GetUserResponse {
  'user'?: (_hokusai_keys_v1_User | null);
}

export interface GetUserResponse__Output {
  'user': (_hokusai_keys_v1_User__Output | null);
}
