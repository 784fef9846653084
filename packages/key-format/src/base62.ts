/** Base62 as keys use it: digits, then capitals, then small letters. */
export const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Gives `size` random bytes; in production `randomBytes` of node:crypto. */
export type RandomBytes = (size: number) => Uint8Array;

/** 4 × 62: bytes from here on are rejected, since taking them modulo 62 would favour the first symbols. */
const FIRST_REJECTED_BYTE = 248;

/** The symbol that a random byte stands for, or undefined where the byte must be drawn again. */
export function symbolOf(byte: number): string | undefined {
  return byte < FIRST_REJECTED_BYTE ? BASE62[byte % 62] : undefined;
}

/** `length` symbols, each of the 62 equally likely if the source's bytes are (rejection sampling). */
export function randomBase62(length: number, random: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length - text.length)) text += symbolOf(byte) ?? '';
  }
  return text;
}

/** `value`, a whole number below 62 to the power of `width`, in base62, left-padded with `0`. */
export function encodeBase62(value: number, width: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = BASE62.charAt(rest % 62) + text;
  return text.padStart(width, '0');
}
