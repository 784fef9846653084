/** Questions to the keys service about proofs and states. */
import type { ServiceClient, services } from '@hokusai/contracts';
import type { KeyState, Proof } from '../domain/key-state.ts';
import { toKeyState, toProved } from './key-mapping.ts';

/** Client of `KeyValidationService`. */
export type KeyValidationClient = ServiceClient<typeof services.keyValidation>;

/** One indexed read: what takes longer is an outage, and requests that its grace can serve wait for it. */
const STATE_TIMEOUT_MS = 2000;

/** Proves a key and reads its state; undefined if no key has this secret. Throws HokusaiError. */
export async function validateKey(
  client: KeyValidationClient,
  key: string,
  requestId: string,
): Promise<{ proof: Proof; state: KeyState } | undefined> {
  return toProved(await client.call('ValidateKey', { key, requestId }));
}

/** Reads the state of a key; undefined if there is no such key. Throws HokusaiError. */
export async function getKeyState(
  client: KeyValidationClient,
  keyId: string,
  requestId: string,
): Promise<KeyState | undefined> {
  const request = { keyId, requestId };
  return toKeyState(await client.call('GetKeyState', request, { timeoutMs: STATE_TIMEOUT_MS }), keyId);
}
