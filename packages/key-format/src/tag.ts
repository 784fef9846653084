import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { encodeBase62 } from './base62.ts';
import { TAG_LENGTH } from './shape.ts';

/** One key of a ring. */
export interface TagKey {
  /** Its name, which is no secret. */
  readonly id: string;
  /** A KeyObject, since it shows nothing when logged, and Node computes with it six times as fast. */
  readonly secret: KeyObject;
}

/** Tag keys, newest first: the first makes tags, all of them are accepted. Empty: tags are not checked. */
export type TagRing = readonly TagKey[];

/** How many different tags there are. */
const TAGS = 62n ** BigInt(TAG_LENGTH);

/**
 * The tag of a key: HMAC-SHA-256 over everything before the tag, its first 8 bytes as a big-endian
 * integer modulo 62⁶, in base62, left-padded with `0`. See docs/reference/key-format.md.
 */
export function tagOf(untagged: string, tagKey: TagKey): string {
  const mac = createHmac('sha256', tagKey.secret).update(untagged).digest();
  return encodeBase62(Number(mac.readBigUInt64BE(0) % TAGS), TAG_LENGTH);
}

/**
 * Did one of the ring's keys make this key's tag?
 *
 * - `genuine`: yes, so the key is worth looking up.
 * - `unknown-tag`: no. It is mistyped or invented, or its tag key has left the ring.
 * - `unchecked`: the ring is empty.
 *
 * A genuine tag proves nothing about who sends the key. `key` is a text that `parseKey` accepts.
 */
export function checkTag(key: string, ring: TagRing): 'genuine' | 'unknown-tag' | 'unchecked' {
  if (ring.length === 0) return 'unchecked';
  const untagged = key.slice(0, -TAG_LENGTH);
  const tag = Buffer.from(key.slice(-TAG_LENGTH));
  const genuine = ring.some((tagKey) => equal(Buffer.from(tagOf(untagged, tagKey)), tag));
  return genuine ? 'genuine' : 'unknown-tag';
}

/** In constant time for texts of one length, which the tags of well-formed keys are. */
function equal(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}
