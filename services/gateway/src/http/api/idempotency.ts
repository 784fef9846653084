import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Idempotency } from '@hokusai/contracts/gen/keys/v1/Idempotency';

/**
 * What lets the keys service recognise a repetition: the header Idempotency-Key, and a digest of what was
 * asked for, so that another request under the same key is an error. null without the header.
 */
export function idempotencyOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  route: string,
  body: unknown,
): Idempotency | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  const fingerprint = createHash('sha256')
    .update(`${route}\n${JSON.stringify(body)}`)
    .digest();
  return { key: String(key), fingerprint };
}
