// Original file: protos/hokusai/keys/v1/types.proto


/**
 * Who is asking. Every management call carries it; the keys service reads the
 * acting key afresh and decides from it, so that no door decides differently.
 */
export interface Caller {
  /**
   * The key that the caller proved; empty for a caller on the keys host itself.
   */
  'actingKeyId'?: (string);
  /**
   * Public prefix of the secret that was used, for the audit log.
   */
  'actingKeyPrefix'?: (string);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId'?: (string);
  /**
   * The client's address as the gateway sees it, v4 or v6, no port.
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
   * The key that the caller proved; empty for a caller on the keys host itself.
   */
  'actingKeyId': (string);
  /**
   * Public prefix of the secret that was used, for the audit log.
   */
  'actingKeyPrefix': (string);
  /**
   * The request's id, as given in X-Request-ID.
   */
  'requestId': (string);
  /**
   * The client's address as the gateway sees it, v4 or v6, no port.
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
