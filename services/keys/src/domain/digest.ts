/**
 * Digests: HMAC-SHA-256(pepper, whole key), which prove a key in microseconds. A key has 190 random bits,
 * so the digest gives nothing away even without the pepper; with a ring of peppers one can be replaced.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export interface Pepper {
  /**
   * What is stored beside a digest: the pepper's name and a fingerprint of it. Another pepper of the same
   * name, as in a database that was restored elsewhere, is thereby another pepper, and not a wrong key.
   */
  readonly id: string;
  readonly secret: KeyObject;
}

/** Newest first: the first makes digests, all of them prove. Never empty. */
export type PepperRing = readonly [Pepper, ...Pepper[]];

export interface Digest {
  digest: Buffer;
  pepperId: string;
}

const FINGERPRINT_BYTES = 4;

/** Throws RangeError for an empty ring. */
export function pepperRing(ring: readonly { id: string; secret: Buffer }[]): PepperRing {
  const [newest, ...older] = ring.map(({ id, secret }) => {
    const key = createSecretKey(secret);
    const fingerprint = mac(key, 'hokusai pepper fingerprint').subarray(0, FINGERPRINT_BYTES).toString('hex');
    return { id: `${id}.${fingerprint}`, secret: key };
  });
  if (newest === undefined) throw new RangeError('a pepper ring needs at least one pepper');
  return [newest, ...older];
}

/** The digest of a key by the newest pepper. */
export function digestOf(key: string, [newest]: PepperRing): Digest {
  return { digest: mac(newest.secret, key), pepperId: newest.id };
}

/**
 * Does the digest prove the key? `no-pepper`: the ring can't tell, because the pepper is not in it.
 * In constant time for digests of one pepper.
 */
export function checkDigest(key: string, stored: Digest, ring: PepperRing): 'proved' | 'wrong' | 'no-pepper' {
  const pepper = ring.find(({ id }) => id === stored.pepperId);
  if (pepper === undefined) return 'no-pepper';
  const expected = mac(pepper.secret, key);
  const isEqual = expected.length === stored.digest.length && timingSafeEqual(expected, stored.digest);
  return isEqual ? 'proved' : 'wrong';
}

function mac(secret: KeyObject, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}
