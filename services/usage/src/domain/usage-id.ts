/** Ids of stored requests, made of what identifies them: the same request always gets the same id. */
import { createHash } from 'node:crypto';

const LOW = 2 ** 48;
const HIGH = 2 ** 26;
const WORD = 2 ** 32;
const HALF_WORD = 2 ** 16;

/** Puts the 16 bytes of an id at a place. `startMs` is not before 1970. */
export type UsageIdWriter = (target: DataView, at: number, startMs: number, sequence: number) => void;

/**
 * Ids of an incarnation's requests: uuids of version 8 (RFC 9562). 48 bits of milliseconds, so that new rows stand
 * together in the index, and 74 bits: the incarnation's SHA-256 plus the request's number. So an incarnation's ids
 * of a millisecond never meet, and those of two do as seldom as random ones.
 */
export function usageIds(incarnation: string): UsageIdWriter {
  const hash = createHash('sha256').update(incarnation.toLowerCase()).digest();
  const hashLow = hash.readUIntBE(0, 6);
  const hashHigh = hash.readUInt32BE(6) % HIGH;
  return (target, at, startMs, sequence) => {
    const sum = hashLow + (sequence % LOW);
    const low = sum % LOW;
    const high = (hashHigh + Math.floor(sequence / LOW) + Math.floor(sum / LOW)) % HIGH;
    target.setUint32(at, Math.floor(startMs / HALF_WORD));
    target.setUint16(at + 4, startMs % HALF_WORD);
    target.setUint16(at + 6, 0x8000 + (high >>> 14));
    target.setUint16(at + 8, 0x8000 + (high & 0x3fff));
    target.setUint16(at + 10, Math.floor(low / WORD));
    target.setUint32(at + 12, low % WORD);
  };
}
