// Original file: protos/hokusai/keys/v1/types.proto


/**
 * Who is asking. Every management call carries it; the keys service reads the
 * acting key afresh and decides from it, so that no door decides differently.
 */
export interface Caller {
  /**
   * Id (uuid) of the key that the caller proved. UNAUTHENTICATED if it is empty or unknown.
   */
  'actingKeyId'?: (string);
  /**
   * Public prefix of the secret that was used; may be empty. PERMISSION_DENIED (secret_rotated) if the key
   * doesn't accept that secret any more.
   */
  'actingKeyPrefix'?: (string);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId'?: (string);
  /**
   * The client's address as the gateway sees it, v4 or v6, no port; "unknown" if it can't be told; empty if
   * there is none to judge. PERMISSION_DENIED (address_not_allowed) if the key may not be used from there:
   * from an unknown one, if it is restricted to addresses at all.
   */
  'clientIp'?: (string);
  /**
   * The client's User-Agent, cut at 256 characters.
   */
  'userAgent'?: (string);
  /**
   * W3C trace id, 32 hexadecimal digits, if there is one.
   */
  'traceId'?: (string);
}

/**
 * Who is asking. Every management call carries it; the keys service reads the
 * acting key afresh and decides from it, so that no door decides differently.
 */
export interface Caller__Output {
  /**
   * Id (uuid) of the key that the caller proved. UNAUTHENTICATED if it is empty or unknown.
   */
  'actingKeyId': (string);
  /**
   * Public prefix of the secret that was used; may be empty. PERMISSION_DENIED (secret_rotated) if the key
   * doesn't accept that secret any more.
   */
  'actingKeyPrefix': (string);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId': (string);
  /**
   * The client's address as the gateway sees it, v4 or v6, no port; "unknown" if it can't be told; empty if
   * there is none to judge. PERMISSION_DENIED (address_not_allowed) if the key may not be used from there:
   * from an unknown one, if it is restricted to addresses at all.
   */
  'clientIp': (string);
  /**
   * The client's User-Agent, cut at 256 characters.
   */
  'userAgent': (string);
  /**
   * W3C trace id, 32 hexadecimal digits, if there is one.
   */
  'traceId': (string);
}
