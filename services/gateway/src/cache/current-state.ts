/** States for those who know a key's id, and not the key. */
import { HokusaiError } from '@hokusai/contracts/errors';
import type { KeyState } from '../domain/key-state.ts';
import type { Trust } from '../domain/trust.ts';
import type { KeysPort } from './keys-port.ts';
import type { L1 } from './l1.ts';

export interface CurrentStateOptions {
  trust: Trust;
  l1: L1;
  keys: KeysPort;
}

/**
 * Resolves with a state that lacks nothing that was heard of, or with undefined if there is no such key.
 * Rejects with HokusaiError `unavailable` where that can't be known.
 */
export type CurrentState = (keyId: string, requestId: string) => Promise<KeyState | undefined>;

/** An answer may be overtaken by a change. More often than that, answers contradict the changes. */
const MAX_QUESTIONS = 5;

export function currentState({ trust, l1, keys }: CurrentStateOptions): CurrentState {
  return async (keyId, requestId) => {
    const held = l1.held(keyId)?.state;
    if (held && trust.assess(held) === 'trusted') return held;
    for (let question = 0; question < MAX_QUESTIONS; question += 1) {
      const { timesForgotten } = trust;
      const state = await keys.getState(keyId, requestId);
      if (!state) return undefined;
      if (trust.hasHeardNewer(state)) continue;
      l1.keep(state);
      // What was heard meanwhile may have been forgotten meanwhile.
      if (timesForgotten === trust.timesForgotten || trust.assess(state) === 'trusted') return state;
    }
    throw new HokusaiError('unavailable', 'The state of this API key keeps changing: try again.', {
      reason: 'key_state_unsettled',
      retryAfterSeconds: 1,
    });
  };
}
