// Original file: protos/hokusai/keys/v1/validation.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A key that is not what it was.
 */
export interface KeyChange {
  /**
   * The key's id (uuid).
   */
  'keyId'?: (string);
  /**
   * Its version since the change: states below it are obsolete.
   */
  'version'?: (number | string | Long);
}

/**
 * A key that is not what it was.
 */
export interface KeyChange__Output {
  /**
   * The key's id (uuid).
   */
  'keyId': (string);
  /**
   * Its version since the change: states below it are obsolete.
   */
  'version': (string);
}
