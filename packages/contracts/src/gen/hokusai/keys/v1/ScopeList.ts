// Original file: protos/hokusai/keys/v1/management.proto


/**
 * A list that can be absent, unlike a repeated field.
 */
export interface ScopeList {
  /**
   * Such as mlflow:read; admin only for a live key of an admin.
   */
  'scopes'?: (string)[];
}

/**
 * A list that can be absent, unlike a repeated field.
 */
export interface ScopeList__Output {
  /**
   * Such as mlflow:read; admin only for a live key of an admin.
   */
  'scopes': (string)[];
}
