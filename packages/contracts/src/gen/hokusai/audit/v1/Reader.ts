// Original file: protos/hokusai/audit/v1/audit.proto


/**
 * Who is asking, as proved by the gateway.
 */
export interface Reader {
  'actingKeyId'?: (string);
  'actingUserId'?: (string);
  'isAdmin'?: (boolean);
  'requestId'?: (string);
  'clientIp'?: (string);
}

/**
 * Who is asking, as proved by the gateway.
 */
export interface Reader__Output {
  'actingKeyId': (string);
  'actingUserId': (string);
  'isAdmin': (boolean);
  'requestId': (string);
  'clientIp': (string);
}
