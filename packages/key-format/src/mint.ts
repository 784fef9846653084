import { type RandomBytes, randomBase62 } from './base62.ts';
import {
  type Environment,
  markerOf,
  PREFIX_LENGTH,
  PUBLIC_LENGTH,
  SECRET_LENGTH,
  TAG_LENGTH,
} from './shape.ts';
import { type TagRing, tagOf } from './tag.ts';

export interface MintedKey {
  /** The plaintext: to be answered once and kept nowhere. */
  readonly key: string;
  /** Its public part: what is stored, shown and logged. */
  readonly prefix: string;
}

/**
 * A new key, tagged by the ring's newest key. With an empty ring the tag is random: such a key works
 * wherever tags are not checked, and elsewhere on the slower path of keys with an unknown tag.
 *
 * The prefix holds 71 random bits: the caller stores it under a unique constraint and mints again in
 * the improbable case of a clash.
 */
export function mintKey(environment: Environment, ring: TagRing, random: RandomBytes): MintedKey {
  const untagged = markerOf(environment) + randomBase62(PUBLIC_LENGTH + SECRET_LENGTH, random);
  const newest = ring[0];
  const tag = newest === undefined ? randomBase62(TAG_LENGTH, random) : tagOf(untagged, newest);
  return { key: untagged + tag, prefix: untagged.slice(0, PREFIX_LENGTH) };
}
