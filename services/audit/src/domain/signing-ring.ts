/** The keys that checkpoints are signed with: one that signs, and former ones that may still vouch for it. */
import { type SigningKey, signingKeyOf } from '@hokusai/audit-chain';

export interface SigningRing {
  /** The newest: signs. */
  current: SigningKey;
  /** Former ones whose seed is still there. */
  former: readonly SigningKey[];
  /** Public keys of all of them, retired ones too; 32 bytes each. */
  publicKeys: readonly Uint8Array[];
}

export const SIGNING_RING_FORM =
  'expected id:seed[,id:seed …], newest first, seeds of 32 bytes in base64url; retired ones may stand as id:public:key';

const ENTRY = /^([A-Za-z0-9_-]{1,32}):(public:)?([A-Za-z0-9_-]{43})$/;

/** undefined if the text is no ring, or its first key can't sign. */
export function parseSigningRing(text: string): SigningRing | undefined {
  const matches = text.split(',').map((entry) => ENTRY.exec(entry.trim()));
  if (matches.some((match) => !match) || new Set(matches.map((match) => match?.[1])).size < matches.length)
    return undefined;
  const entries = matches.map((match) => ({ isPublic: Boolean(match?.[2]), bytes: bytesOf(match?.[3]) }));
  const keys = entries.map(({ isPublic, bytes }) => (isPublic ? undefined : signingKeyOf(bytes)));
  const [current, ...former] = keys;
  if (!current) return undefined;
  return {
    current,
    former: former.filter((key) => key !== undefined),
    publicKeys: entries.map(({ bytes }, index) => keys[index]?.publicKey ?? bytes),
  };
}

function bytesOf(text = ''): Buffer {
  return Buffer.from(text, 'base64url');
}
