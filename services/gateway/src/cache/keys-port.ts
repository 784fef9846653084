import type { KeyState, Proof } from '../domain/key-state.ts';

/** What the caches ask the keys service. Both reject with HokusaiError. */
export interface KeysPort {
  /** Proves a key and reads its state; undefined if no key has this secret. */
  validate(key: string, requestId: string): Promise<{ proof: Proof; state: KeyState } | undefined>;
  /** Reads the state of a proved key; undefined if there is no such key any more. */
  getState(keyId: string, requestId: string): Promise<KeyState | undefined>;
}
