import { createSecretKey } from 'node:crypto';
import type { TagKey, TagRing } from './tag.ts';

export interface TagRingProblem {
  readonly problem: 'ring';
  /** Which entry is wrong, by its place, and what is expected. Never holds any of the text. */
  readonly message: string;
}

export interface ParsedTagRing {
  readonly problem?: undefined;
  readonly ring: TagRing;
}

/** 128 bits: less could be guessed. A local start makes 256. */
const MIN_SECRET_BYTES = 16;
const ID = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Reads `id:base64url,id:base64url`, newest first. An empty text is an empty ring. Never throws.
 *
 * Ids are 1 to 32 of `A-Za-z0-9_-` and distinct; secrets have at least 16 bytes.
 */
export function parseTagRing(text: string): ParsedTagRing | TagRingProblem {
  if (text.trim() === '') return { ring: [] };
  const ring: TagKey[] = [];
  for (const [index, entry] of text.split(',').entries()) {
    const read = readEntry(entry.trim(), ring);
    if (typeof read === 'string') return { problem: 'ring', message: `entry ${index + 1}: ${read}` };
    ring.push(read);
  }
  return { ring };
}

/** The entry, or what is wrong with it. */
function readEntry(entry: string, before: TagRing): TagKey | string {
  const [id, encoded, ...rest] = entry.split(':');
  if (id === undefined || encoded === undefined || rest.length > 0) return 'expected id:base64url';
  if (!ID.test(id)) return 'the id must be 1 to 32 of A-Z, a-z, 0-9, _ and -';
  if (before.some((other) => other.id === id)) return 'its id stands in the ring already';
  const secret = Buffer.from(encoded, 'base64url');
  // Buffer skips what is not base64url: only what encodes to the same text was read whole.
  if (secret.toString('base64url') !== encoded.replace(/=+$/, '')) return 'the secret is not base64url';
  if (secret.length < MIN_SECRET_BYTES) return `the secret must have at least ${MIN_SECRET_BYTES} bytes`;
  return { id, secret: createSecretKey(secret) };
}
