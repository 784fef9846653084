// Original file: protos/hokusai/audit/v1/audit.proto


/**
 * Who is asking, as proved by the gateway.
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
   * True if its owner is an admin and the key is a live one: all events, personal values included.
   */
  'isAdmin'?: (boolean);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId'?: (string);
  /**
   * The client's address.
   */
  'clientIp'?: (string);
  /**
   * Its User-Agent, at most 256 characters of it.
   */
  'userAgent'?: (string);
}

/**
 * Who is asking, as proved by the gateway.
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
   * True if its owner is an admin and the key is a live one: all events, personal values included.
   */
  'isAdmin': (boolean);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId': (string);
  /**
   * The client's address.
   */
  'clientIp': (string);
  /**
   * Its User-Agent, at most 256 characters of it.
   */
  'userAgent': (string);
}
