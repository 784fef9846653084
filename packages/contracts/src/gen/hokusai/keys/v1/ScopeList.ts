// Original file: protos/hokusai/keys/v1/management.proto


/**
 * A list that can be absent, unlike a repeated field.
 */
export interface ScopeList {
  'scopes'?: (string)[];
}

/**
 * A list that can be absent, unlike a repeated field.
 */
export interface ScopeList__Output {
  'scopes': (string)[];
}
