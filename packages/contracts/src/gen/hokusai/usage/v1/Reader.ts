// Original file: protos/hokusai/usage/v1/usage.proto


/**
 * Who is asking, as proved by the gateway: members see their own usage.
 */
export interface Reader {
  'actingKeyId'?: (string);
  'actingUserId'?: (string);
  'isAdmin'?: (boolean);
  'requestId'?: (string);
}

/**
 * Who is asking, as proved by the gateway: members see their own usage.
 */
export interface Reader__Output {
  'actingKeyId': (string);
  'actingUserId': (string);
  'isAdmin': (boolean);
  'requestId': (string);
}
