/** Ids of stored requests, made of what identifies them: the same request always gets the same id. */
import { createHash } from 'node:crypto';

/**
 * A uuid of version 8 (RFC 9562): 48 bits of milliseconds, so that new rows stand together in the index,
 * and 74 bits of SHA-256 over incarnation and number.
 */
export function usageId(startMs: number, incarnation: string, sequence: number): string {
  const time = Math.max(0, startMs).toString(16).padStart(12, '0').slice(-12);
  const hash = createHash('sha256').update(`${incarnation.toLowerCase()}:${sequence}`).digest('hex');
  const variant = ((Number.parseInt(hash.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8),
    `8${hash.slice(0, 3)}`,
    `${variant}${hash.slice(4, 7)}`,
    hash.slice(7, 19),
  ].join('-');
}
