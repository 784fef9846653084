/** Keys that checkpoints are signed with, the same for the same text. */
import { parseSigningRing, type SigningRing } from '../../src/domain/signing-ring.ts';

/** In base64url. */
export function seedOf(byte: number): string {
  return Buffer.alloc(32, byte).toString('base64url');
}

/** `text`: as AUDIT_SIGNING_KEYS has it, and valid. */
export function ringOf(text: string): SigningRing {
  return parseSigningRing(text) as SigningRing;
}
