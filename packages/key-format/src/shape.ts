/**
 * The outer form of a key:
 *
 *     hk_live_ + 12 public + 32 secret + 6 tag     58 characters
 *
 * The first 20 characters are the prefix: public, unique, shown to people. The rest is the secret.
 */
export const ENVIRONMENTS = ['live', 'test'] as const;

export type Environment = (typeof ENVIRONMENTS)[number];

/** `hk_live_` and `hk_test_` are equally long, so that every key has the same length. */
export const MARKER_LENGTH = 8;
export const PUBLIC_LENGTH = 12;
export const SECRET_LENGTH = 32;
export const TAG_LENGTH = 6;
export const PREFIX_LENGTH = MARKER_LENGTH + PUBLIC_LENGTH;
export const KEY_LENGTH = PREFIX_LENGTH + SECRET_LENGTH + TAG_LENGTH;

/** A key inside any text: what a secret scanner needs. Not anchored, not global. */
export const KEY_PATTERN = /\bhk_(live|test)_[0-9A-Za-z]{50}\b/;

export function markerOf(environment: Environment): string {
  return `hk_${environment}_`;
}
