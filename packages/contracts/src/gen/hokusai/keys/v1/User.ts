// Original file: protos/hokusai/keys/v1/types.proto

import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * A person or a program that owns keys.
 */
export interface User {
  'id'?: (string);
  /**
   * The identity provider's name for the user, unique where given.
   */
  'externalId'?: (string);
  'email'?: (string);
  'displayName'?: (string);
  'role'?: (_hokusai_keys_v1_Role);
  'rateLimitPerHour'?: (number);
  'createdAt'?: (_google_protobuf_Timestamp | null);
  'disabledAt'?: (_google_protobuf_Timestamp | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

/**
 * A person or a program that owns keys.
 */
export interface User__Output {
  'id': (string);
  /**
   * The identity provider's name for the user, unique where given.
   */
  'externalId'?: (string);
  'email'?: (string);
  'displayName': (string);
  'role': (_hokusai_keys_v1_Role__Output);
  'rateLimitPerHour'?: (number);
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  'disabledAt': (_google_protobuf_Timestamp__Output | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
