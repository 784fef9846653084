import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { HokusaiError } from '@hokusai/contracts';
import { IDEMPOTENCY_KEY_LIMIT } from '@hokusai/contracts/fields';
import type { Idempotency } from '@hokusai/contracts/gen/keys/v1/Idempotency';

export const IDEMPOTENCY_KEY = new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY_KEY_LIMIT}}$`);

/**
 * What lets the keys service recognise a repetition: the header Idempotency-Key, and a digest of what was
 * asked for, so that another request under the same key is an error. null without the header. Throws
 * `invalid_request` for one that is not of visible characters; several headers count as one with a space.
 *
 * @param route method and path, the ids in it included
 */
export function idempotencyOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  route: string,
  body: unknown,
): Idempotency | null {
  const header = headers['idempotency-key'];
  if (header === undefined) return null;
  const key = String(header);
  if (!IDEMPOTENCY_KEY.test(key)) {
    const message = `Idempotency-Key: expected 1 to ${IDEMPOTENCY_KEY_LIMIT} visible ASCII characters, such as a UUID.`;
    throw new HokusaiError('invalid_request', message, { reason: 'invalid_idempotency_key' });
  }
  const fingerprint = createHash('sha256')
    .update(`${route}\n${JSON.stringify(body)}`)
    .digest();
  return { key, fingerprint };
}
