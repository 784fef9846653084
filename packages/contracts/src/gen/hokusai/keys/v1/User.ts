// Original file: protos/hokusai/keys/v1/types.proto

import type { Role as _hokusai_keys_v1_Role, Role__Output as _hokusai_keys_v1_Role__Output } from '../../../hokusai/keys/v1/Role.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../../../google/protobuf/Timestamp.ts';

/**
 * A person or a program that owns keys.
 */
export interface User {
  /**
   * A uuid.
   */
  'id'?: (string);
  /**
   * The identity provider's name for the user, unique where given.
   */
  'externalId'?: (string);
  /**
   * For reaching them; not unique.
   */
  'email'?: (string);
  /**
   * What they are called.
   */
  'displayName'?: (string);
  /**
   * Narrows the scopes of their keys.
   */
  'role'?: (_hokusai_keys_v1_Role);
  /**
   * Requests in any hour over all of their keys; absent means no such limit.
   */
  'rateLimitPerHour'?: (number);
  /**
   * When they were created.
   */
  'createdAt'?: (_google_protobuf_Timestamp | null);
  /**
   * Since when none of their keys works; absent while they are enabled.
   */
  'disabledAt'?: (_google_protobuf_Timestamp | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}

/**
 * A person or a program that owns keys.
 */
export interface User__Output {
  /**
   * A uuid.
   */
  'id': (string);
  /**
   * The identity provider's name for the user, unique where given.
   */
  'externalId'?: (string);
  /**
   * For reaching them; not unique.
   */
  'email'?: (string);
  /**
   * What they are called.
   */
  'displayName': (string);
  /**
   * Narrows the scopes of their keys.
   */
  'role': (_hokusai_keys_v1_Role__Output);
  /**
   * Requests in any hour over all of their keys; absent means no such limit.
   */
  'rateLimitPerHour'?: (number);
  /**
   * When they were created.
   */
  'createdAt': (_google_protobuf_Timestamp__Output | null);
  /**
   * Since when none of their keys works; absent while they are enabled.
   */
  'disabledAt': (_google_protobuf_Timestamp__Output | null);
  '_externalId'?: "externalId";
  '_email'?: "email";
  '_rateLimitPerHour'?: "rateLimitPerHour";
}
