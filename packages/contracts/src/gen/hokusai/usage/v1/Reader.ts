// Original file: protos/hokusai/usage/v1/usage.proto


/**
 * Who is asking, as proved by the gateway: members see their own usage.
 */
export interface Reader {
  /**
   * Id (uuid) of the key that was proved.
   */
  'actingKeyId'?: (string);
  /**
   * Its owner (uuid). UNAUTHENTICATED if it is no uuid.
   */
  'actingUserId'?: (string);
  /**
   * True if its owner is an admin, and it is no test key: the usage of all users.
   */
  'isAdmin'?: (boolean);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId'?: (string);
}

/**
 * Who is asking, as proved by the gateway: members see their own usage.
 */
export interface Reader__Output {
  /**
   * Id (uuid) of the key that was proved.
   */
  'actingKeyId': (string);
  /**
   * Its owner (uuid). UNAUTHENTICATED if it is no uuid.
   */
  'actingUserId': (string);
  /**
   * True if its owner is an admin, and it is no test key: the usage of all users.
   */
  'isAdmin': (boolean);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId': (string);
}
