/** Gives so many random hexadecimal digits, in lower case. */
export type RandomHex = (digits: number) => string;

const POOL_BYTES = 4096;

/**
 * Draws randomness for many at once, and writes it down once: a tenth of what a UUID without its dashes costs.
 * For ids only, not for secrets: what was drawn stays in memory.
 *
 * @param randomBytes as many as it is asked for
 */
export function randomHexFrom(randomBytes: (bytes: number) => Buffer): RandomHex {
  let pool = '';
  let used = 0;
  return (digits) => {
    if (used + digits > pool.length) {
      pool = randomBytes(POOL_BYTES).toString('hex');
      used = 0;
    }
    used += digits;
    return pool.slice(used - digits, used);
  };
}

/** A UUID of version 4 (RFC 9562, section 5.4): for ids only, as the digits are. */
export function randomUuidFrom(randomHex: RandomHex): string {
  const digits = randomHex(32);
  const variant = VARIANTS[Number.parseInt(digits.charAt(16), 16) % VARIANTS.length] as string;
  const [time, version] = [`${digits.slice(0, 8)}-${digits.slice(8, 12)}`, `4${digits.slice(13, 16)}`];
  return `${time}-${version}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}

/** Two bits are given, two are random. */
const VARIANTS = ['8', '9', 'a', 'b'];
