// Original file: protos/hokusai/audit/v1/audit.proto


/**
 * A value of a person. The body holds HMAC-SHA-256(salt, name ":" value) in its place.
 */
export interface PersonalValue {
  /**
   * client_ip, user_agent, email, os_user.
   */
  'name'?: (string);
  /**
   * As it was.
   */
  'value'?: (string);
  /**
   * 32 bytes.
   */
  'salt'?: (Buffer | Uint8Array | string);
}

/**
 * A value of a person. The body holds HMAC-SHA-256(salt, name ":" value) in its place.
 */
export interface PersonalValue__Output {
  /**
   * client_ip, user_agent, email, os_user.
   */
  'name': (string);
  /**
   * As it was.
   */
  'value': (string);
  /**
   * 32 bytes.
   */
  'salt': (Buffer);
}
