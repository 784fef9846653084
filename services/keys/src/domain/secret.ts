import type { Digest } from './digest.ts';

/** What is stored of one secret, current or retired: enough to prove it, nothing to reveal it. */
export interface StoredSecret {
  keyId: string;
  keyPrefix: string;
  /** Argon2id, PHC string. */
  hash: string;
  /** null for an imported key. */
  digest: Digest | null;
  /** Of a retired secret; null for the current one. */
  retiredAt: Date | null;
  validUntil: Date | null;
}
