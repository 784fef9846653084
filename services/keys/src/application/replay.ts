/** Answers to repeated requests that made something: a key, a secret, a user. */
import { HokusaiError } from '@hokusai/contracts';
import type { Scope } from '@hokusai/contracts/scopes';
import { reachable } from '../domain/access.ts';
import { admit, type Caller, reachOf, requireScope } from '../domain/actor.ts';
import type { Key } from '../domain/key.ts';
import type { KeyTransaction } from '../domain/ports.ts';
import {
  checkRepetition,
  REPLAY_TTL_MS,
  type RoutedRepetition,
  repetitionHash,
  type Sealer,
} from '../domain/repetition.ts';
import { Violations } from '../domain/violations.ts';

/** A key with a secret that was just made for it. */
export interface KeyWithSecret {
  key: Key;
  /** Answered once, and again to repetitions of the request; readable nowhere. */
  plaintext: string;
}

/** What is kept of the first answer. All else is read again, as it is by then. */
export interface Answer {
  /** Of what was made or changed. */
  id: string;
  /** Where a secret was made. */
  plaintext?: string;
}

export interface Replay {
  /**
   * The answer to the first request, if this is a repetition, for a caller who still holds the scope.
   *
   * Keeps others with the same Idempotency-Key off until the end of the transaction: they get `conflict`,
   * as does who repeats a request after the secrets of this service were replaced. With another body it
   * is `unprocessable`.
   */
  find(tx: KeyTransaction, caller: Caller, repetition: RoutedRepetition): Promise<Answer | null>;
  /** As `find`, for a caller whom it let in a moment ago: their key may have a new secret by now. */
  findAgain(tx: KeyTransaction, caller: Caller, repetition: RoutedRepetition): Promise<Answer | null>;
  remember(tx: KeyTransaction, caller: Caller, repetition: RoutedRepetition, answer: Answer): Promise<void>;
}

/** @param scope without which the request could not have been made */
export function createReplay(sealer: Sealer, scope: Scope): Replay {
  async function find(
    tx: KeyTransaction,
    caller: Caller,
    repetition: RoutedRepetition,
  ): Promise<Answer | null> {
    checkRepetition(repetition);
    const { now, get } = await tx.readKeys([caller.actingKeyId]);
    requireScope(admit(caller, get(caller.actingKeyId), now), scope);
    return findAgain(tx, caller, repetition);
  }

  async function findAgain(
    tx: KeyTransaction,
    caller: Caller,
    repetition: RoutedRepetition,
  ): Promise<Answer | null> {
    const hash = repetitionHash(repetition);
    if (!(await tx.lockRepetition(caller.actingKeyId, hash))) throw stillRunning();
    const answered = await tx.findAnswer(caller.actingKeyId, hash);
    if (answered === null) return null;
    checkBody(repetition, answered.fingerprint);
    const text = sealer.open(caller.actingKeyId, repetition, answered.sealed);
    if (text === undefined) throw answerLost();
    return JSON.parse(text) as Answer;
  }

  return {
    find,
    findAgain,
    remember: (tx, { actingKeyId }, repetition, { id, plaintext }) =>
      tx.rememberAnswer({
        callerKeyId: actingKeyId,
        hash: repetitionHash(repetition),
        fingerprint: repetition.fingerprint,
        sealed: sealer.seal(actingKeyId, repetition, JSON.stringify({ id, plaintext })),
        ttlMs: REPLAY_TTL_MS,
      }),
  };
}

const NOBODY = { userId: '', isAdmin: false };

/** As `createReplay`, for requests that make a secret; without a repetition there is nothing to find. */
export function createSecretReplay(sealer: Sealer) {
  const replay = createReplay(sealer, 'keys:write');

  /**
   * Throws `not_found` for a key that the caller has lost sight of since (an admin who was demoted), and `conflict`
   * for one that has another secret by now.
   */
  async function read(
    tx: KeyTransaction,
    { actingKeyId }: Caller,
    answer: Answer | null,
  ): Promise<KeyWithSecret | null> {
    if (answer?.plaintext === undefined) return null;
    const { get } = await tx.readKeys([actingKeyId, answer.id]);
    const acting = get(actingKeyId);
    const { key } = reachable(acting ? reachOf(acting) : NOBODY, get(answer.id));
    if (!answer.plaintext.startsWith(key.keyPrefix)) throw rotatedSince(key);
    return { key, plaintext: answer.plaintext };
  }

  return {
    find: async (tx: KeyTransaction, caller: Caller, repetition: RoutedRepetition) =>
      read(tx, caller, await replay.find(tx, caller, repetition)),
    findAgain: async (tx: KeyTransaction, caller: Caller, repetition: RoutedRepetition | null) =>
      repetition && read(tx, caller, await replay.findAgain(tx, caller, repetition)),
    remember: async (
      tx: KeyTransaction,
      caller: Caller,
      repetition: RoutedRepetition | null,
      { key, plaintext }: KeyWithSecret,
    ): Promise<void> => {
      if (repetition) await replay.remember(tx, caller, repetition, { id: key.id, plaintext });
    },
  };
}

function checkBody({ fingerprint }: RoutedRepetition, first: Buffer): void {
  const violations = new Violations();
  if (!first.equals(fingerprint)) {
    const message = 'this Idempotency-Key was used with another request: take a new one';
    violations.add('', message, 'idempotency_key_reused');
  }
  violations.throwIfAny();
}

function stillRunning(): HokusaiError {
  const message = 'A request with this Idempotency-Key is still running.';
  return new HokusaiError('conflict', message, { reason: 'still_running', retryAfterSeconds: 1 });
}

function rotatedSince({ keyPrefix }: Key): HokusaiError {
  const message = `This request was answered before, and its secret has been replaced since, by ${keyPrefix}.`;
  return new HokusaiError('conflict', message, { reason: 'rotated_since' });
}

function answerLost(): HokusaiError {
  const message =
    'This request was answered before, and the answer is gone: look for what it made in the list.';
  return new HokusaiError('conflict', message, { reason: 'answer_lost' });
}
