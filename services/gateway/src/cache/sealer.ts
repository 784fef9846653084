/** Names and seals entries of a cache that strangers may read and write. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Part of every name and so of what a seal covers: entries of another format are never even found. */
const NAME_PREFIX = 'hokusai:key:v1:';
const ALGORITHM = 'aes-256-gcm';
/** NIST SP 800-38D, section 8.2: 96-bit nonces, 128-bit tags. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Sealer {
  readonly #nameKey: Buffer;
  readonly #sealKey: Buffer;

  /** `secret`: at least 32 random bytes. */
  constructor(secret: Buffer) {
    this.#nameKey = derive(secret, 'hokusai cache name');
    this.#sealKey = derive(secret, 'hokusai cache seal');
  }

  /** Name of the entry of an API key, from which the key can't be told. */
  nameOf(key: string): string {
    return NAME_PREFIX + createHmac('sha256', this.#nameKey).update(key).digest('base64url');
  }

  /** Nonce, tag and ciphertext. The name is authenticated with it: under another name it does not open. */
  seal(name: string, text: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#keyOf(name), nonce).setAAD(Buffer.from(name));
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
  }

  /** undefined for whatever this secret did not seal under this name. */
  open(name: string, sealed: Buffer): string | undefined {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const nonce = sealed.subarray(0, NONCE_BYTES);
    const tag = sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.#keyOf(name), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(tag);
    try {
      const text = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /** A key for each name: random nonces then never get near the bound for one key (2³² messages). */
  #keyOf(name: string): Buffer {
    return createHmac('sha256', this.#sealKey).update(name).digest();
  }
}

function derive(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), purpose, 32));
}
