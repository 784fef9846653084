// Original file: protos/hokusai/keys/v1/management.proto

import type { Key as _hokusai_keys_v1_Key, Key__Output as _hokusai_keys_v1_Key__Output } from '../../../hokusai/keys/v1/Key.ts';
import type { RevocationReceipt as _hokusai_keys_v1_RevocationReceipt, RevocationReceipt__Output as _hokusai_keys_v1_RevocationReceipt__Output } from '../../../hokusai/keys/v1/RevocationReceipt.ts';

/**
 * The key, and what else was revoked.
 */
export interface RevokeKeyResponse {
  /**
   * After the revocation.
   */
  'key'?: (_hokusai_keys_v1_Key | null);
  /**
   * How many keys were revoked, descendants included; 0 if it was revoked before.
   */
  'revokedCount'?: (number);
  /**
   * Present if it was waited for.
   */
  'receipt'?: (_hokusai_keys_v1_RevocationReceipt | null);
}

/**
 * The key, and what else was revoked.
 */
export interface RevokeKeyResponse__Output {
  /**
   * After the revocation.
   */
  'key': (_hokusai_keys_v1_Key__Output | null);
  /**
   * How many keys were revoked, descendants included; 0 if it was revoked before.
   */
  'revokedCount': (number);
  /**
   * Present if it was waited for.
   */
  'receipt': (_hokusai_keys_v1_RevocationReceipt__Output | null);
}
