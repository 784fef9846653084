/** Ed25519 (RFC 8032) keys of those who sign the log's checkpoints. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** PrivateKeyInfo of Ed25519 (RFC 8410) up to the seed's 32 bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
/** SubjectPublicKeyInfo of Ed25519 (RFC 8410) up to the public key's 32 bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNER_ID_DIGITS = 16;

export interface SigningKey {
  signerId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** Ed25519 over the text in UTF-8, 64 bytes. */
  sign(text: string): Uint8Array;
}

/** A key from its seed, 32 bytes. */
export function signingKeyOf(seed: Uint8Array): SigningKey {
  const der = Buffer.concat([PKCS8_PREFIX, keyBytes(seed)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(SPKI_PREFIX.length);
  return {
    signerId: signerIdOf(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), privateKey),
  };
}

/** First 16 hexadecimal digits of SHA-256 of the public key's SubjectPublicKeyInfo in DER. */
export function signerIdOf(publicKey: Uint8Array): string {
  return createHash('sha256').update(spkiOf(publicKey)).digest('hex').slice(0, SIGNER_ID_DIGITS);
}

/** For many signatures of one key, 32 bytes; of its 4,000 or so per second and core none is spent twice. */
export function publicKeyOf(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: spkiOf(publicKey), format: 'der', type: 'spki' });
}

/** Whether `signature` is the key's over the text in UTF-8. */
export function isSignedBy(key: KeyObject, text: string, signature: Uint8Array): boolean {
  return verify(null, Buffer.from(text), key, signature);
}

function spkiOf(publicKey: Uint8Array): Buffer {
  return Buffer.concat([SPKI_PREFIX, keyBytes(publicKey)]);
}

function keyBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length === KEY_BYTES) return bytes;
  throw new RangeError(`an Ed25519 key has ${KEY_BYTES} bytes, and this one ${bytes.length}`);
}
