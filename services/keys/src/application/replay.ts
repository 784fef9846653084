/** Answers to repeated requests that made a secret. */
import { HokusaiError } from '@hokusai/contracts';
import { admit, type Caller, requireScope } from '../domain/actor.ts';
import type { Key } from '../domain/key.ts';
import type { KeyTransaction } from '../domain/ports.ts';
import {
  checkRepetition,
  REPLAY_TTL_MS,
  type Repetition,
  repetitionHash,
  type Sealer,
} from '../domain/repetition.ts';
import { Violations } from '../domain/violations.ts';

/** What the first request was answered. */
export interface CreatedKey {
  key: Key;
  /** Answered once, and again to repetitions of the request; readable nowhere. */
  plaintext: string;
}

export interface Replay {
  /**
   * The answer to the first request, if this is a repetition, for a caller who may still make keys.
   *
   * Keeps others with the same Idempotency-Key off until the end of the transaction: they get `conflict`,
   * as does who repeats a request after the secrets of this service were replaced. With another body it
   * is `unprocessable`.
   */
  find(tx: KeyTransaction, caller: Caller, repetition: Repetition): Promise<CreatedKey | null>;
  remember(tx: KeyTransaction, caller: Caller, repetition: Repetition, created: CreatedKey): Promise<void>;
}

export function createReplay(sealer: Sealer): Replay {
  async function find(
    tx: KeyTransaction,
    caller: Caller,
    repetition: Repetition,
  ): Promise<CreatedKey | null> {
    checkRepetition(repetition);
    const { now, get } = await tx.readKeys([caller.actingKeyId]);
    requireScope(admit(caller, get(caller.actingKeyId), now), 'keys:write');
    const hash = repetitionHash(repetition);
    if (!(await tx.lockRepetition(caller.actingKeyId, hash))) throw stillRunning();
    const answered = await tx.findAnswer(caller.actingKeyId, hash);
    if (answered === null) return null;
    checkBody(repetition, answered.fingerprint);
    const answer = sealer.open(caller.actingKeyId, repetition, answered.sealed);
    if (answer === undefined) throw answerLost();
    const { keyId, plaintext } = JSON.parse(answer) as { keyId: string; plaintext: string };
    const created = (await tx.readKeys([keyId])).get(keyId);
    return created && { key: created.key, plaintext };
  }

  return {
    find,
    remember: (tx, { actingKeyId }, repetition, { key, plaintext }) =>
      tx.rememberAnswer({
        callerKeyId: actingKeyId,
        hash: repetitionHash(repetition),
        fingerprint: repetition.fingerprint,
        sealed: sealer.seal(actingKeyId, repetition, JSON.stringify({ keyId: key.id, plaintext })),
        ttlMs: REPLAY_TTL_MS,
      }),
  };
}

function checkBody({ fingerprint }: Repetition, first: Buffer): void {
  const violations = new Violations();
  if (!first.equals(fingerprint)) {
    violations.add('', 'this Idempotency-Key was used with another request: take a new one');
  }
  violations.throwIfAny();
}

function stillRunning(): HokusaiError {
  const message = 'A request with this Idempotency-Key is still running.';
  return new HokusaiError('conflict', message, { reason: 'still_running', retryAfterSeconds: 1 });
}

function answerLost(): HokusaiError {
  const message = 'This request was answered before, and the answer is gone: look for the key in the list.';
  return new HokusaiError('conflict', message, { reason: 'answer_lost' });
}
