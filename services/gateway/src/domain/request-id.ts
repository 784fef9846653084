import { redactKeys } from '@hokusai/key-format';

const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;

/**
 * The inbound X-Request-ID if it is 1 to 128 of `A-Za-z0-9._-`, which is safe in any log; else a new one. A
 * key that someone sends there is not kept either: the id is stored with the request and shown to others.
 */
export function requestIdOf(inbound: string | undefined, newId: () => string): string {
  if (inbound === undefined || !ACCEPTABLE.test(inbound) || redactKeys(inbound) !== inbound) return newId();
  return inbound;
}
