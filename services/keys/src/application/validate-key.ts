/** Is this string a genuine secret, and of which key? */
import { parseKey } from '@hokusai/key-format';
import type { SecretAnswer, StateAnswer, StateReader } from '../domain/ports.ts';
import type { StoredSecret } from '../domain/secret.ts';

export interface ValidationAnswer extends StateAnswer {
  /** The secret that was proved; null if no key has it, and then nothing was found. */
  secret: StoredSecret | null;
}

/** Throws `unavailable` while that can't be known. */
export type ValidateKey = (key: string) => Promise<ValidationAnswer>;

/**
 * A retired secret past its end is proved like any other: what may be done with it is for whoever reads
 * the state, and they can say when it was replaced.
 */
export function createValidateKey(
  reader: StateReader,
  prove: (secret: StoredSecret, key: string) => Promise<boolean>,
): ValidateKey {
  return async (key) => {
    const parsed = parseKey(key);
    const answer = await reader.readSecret(parsed.problem === undefined ? parsed.prefix : null);
    const isProved = answer.secret !== null && (await prove(answer.secret, key));
    return isProved ? answer : unknown(answer);
  };
}

function unknown({ read }: SecretAnswer): ValidationAnswer {
  return { read, found: null, secret: null };
}
