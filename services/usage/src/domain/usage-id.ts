/** Ids of stored requests, made of what identifies them: the same request always gets the same id. */
import { createHash } from 'node:crypto';

const LOW_DIGITS = 12;
const LOW = 2 ** 48;
const HIGH = 2 ** 26;

/**
 * Ids of an incarnation's requests: uuids of version 8 (RFC 9562). 48 bits of milliseconds, so that new rows stand
 * together in the index, and 74 bits: the incarnation's SHA-256 plus the request's number. So an incarnation's ids
 * of a millisecond never meet, and those of two do as seldom as random ones.
 */
export function usageIds(incarnation: string): (startMs: number, sequence: number) => string {
  const hash = createHash('sha256').update(incarnation.toLowerCase()).digest();
  const hashLow = hash.readUIntBE(0, 6);
  const hashHigh = hash.readUInt32BE(6) % HIGH;
  return (startMs, sequence) => {
    const low = hashLow + (sequence % LOW);
    const high = (hashHigh + Math.floor(sequence / LOW) + Math.floor(low / LOW)) % HIGH;
    const time = hex(Math.max(0, startMs), LOW_DIGITS);
    const version = hex(0x8000 + (high >>> 14), 4);
    const variant = hex(0x8000 + (high & 0x3fff), 4);
    return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${hex(low % LOW, LOW_DIGITS)}`;
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0').slice(-digits);
}
