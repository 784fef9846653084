/**
 * Ends requests that are under way when their key stops: it, or its owner, was disabled, it has lost the
 * scope or the address, it or the secret has expired. Whoever was let in is judged again by the same rules
 * when a change of the key is heard, and once a second for what comes with time alone.
 */
import { HokusaiError, toHokusaiError } from '@hokusai/contracts/errors';
import type { Clock, Logger } from '@hokusai/service-kit';
import { decide } from '../domain/decision.ts';
import type { KeyState } from '../domain/key-state.ts';
import type { AuthenticatedKey, ChangeListener } from '../domain/ports.ts';
import { refusalError, unknownKey } from '../domain/refusals.ts';
import type { Exchange } from './exchange.ts';
import type { RunningRequests } from './running-requests.ts';

export interface CutOffOptions {
  running: RunningRequests;
  /** The state of a key, no older than the changes that were heard of; undefined if there is no such key. */
  stateOf: (keyId: string) => Promise<KeyState | undefined>;
  /** How long a state that can't be read is asked for again, before its requests are ended unread. */
  patienceMs: number;
  clock: Clock;
  logger: Logger;
}

/** After a reset all keys with requests under way are read again: so many at a time. */
const MAX_QUESTIONS = 8;
const RETRY_MS = 500;
const SWEEP_MS = 1000;

export class CutOff implements ChangeListener {
  readonly #options: CutOffOptions;
  /** Keys to be read again, with the monotonic time from which on that has failed. */
  readonly #waiting = new Map<string, number | undefined>();
  readonly #sweep: NodeJS.Timeout;
  readonly #retries = new Set<NodeJS.Timeout>();
  #questions = 0;

  constructor(options: CutOffOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#judgeAll(), SWEEP_MS).unref();
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const retry of this.#retries) clearTimeout(retry);
    this.#waiting.clear();
  }

  changed(keyId: string, version: bigint): void {
    for (const { caller } of this.#options.running.of(keyId)) {
      if (!caller || caller.state.version >= version) continue;
      this.#readAgain(keyId);
      return;
    }
  }

  anyChanged(): void {
    const { running } = this.#options;
    for (const callerId of running.callerIds()) {
      const [first] = running.of(callerId);
      if (first?.caller) this.#readAgain(callerId);
    }
  }

  #readAgain(keyId: string, failingSince?: number): void {
    this.#waiting.set(keyId, failingSince ?? this.#waiting.get(keyId));
    if (this.#questions >= MAX_QUESTIONS) return;
    this.#questions += 1;
    void this.#work().finally(() => {
      this.#questions -= 1;
    });
  }

  async #work(): Promise<void> {
    for (const [keyId, failingSince] of this.#waiting) {
      this.#waiting.delete(keyId);
      if (this.#options.running.of(keyId).size > 0) await this.#judgeKey(keyId, failingSince);
    }
  }

  /** Once for all requests of the key. */
  async #judgeKey(keyId: string, failingSince: number | undefined): Promise<void> {
    const { running, stateOf } = this.#options;
    try {
      const state = await stateOf(keyId);
      this.#end(keyId, [...running.of(keyId)], (caller, exchange) => {
        if (!state) return refusalError(unknownKey(caller.proof.keyPrefix));
        exchange.caller = { ...caller, state };
        return objection(exchange.caller, exchange);
      });
    } catch (error) {
      this.#retry(keyId, failingSince ?? this.#options.clock.monotonic(), error);
    }
  }

  #retry(keyId: string, failingSince: number, error: unknown): void {
    const { running, patienceMs, clock } = this.#options;
    if (clock.monotonic() - failingSince >= patienceMs) {
      this.#end(keyId, [...running.of(keyId)], () => unreadable(error));
      return;
    }
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#readAgain(keyId, failingSince);
    }, RETRY_MS);
    this.#retries.add(timer);
  }

  #judgeAll(): void {
    const { running } = this.#options;
    for (const callerId of running.callerIds()) this.#end(callerId, [...running.of(callerId)], objection);
  }

  /** Cuts off those that `reasonOf` finds a reason for. */
  #end(
    keyId: string,
    exchanges: readonly Exchange[],
    reasonOf: (caller: AuthenticatedKey, exchange: Exchange) => HokusaiError | undefined,
  ): void {
    let reason: string | undefined;
    let requests = 0;
    for (const exchange of exchanges) {
      const error = exchange.caller && reasonOf(exchange.caller, exchange);
      if (!error) continue;
      exchange.cutOff(error);
      reason = error.reason;
      requests += 1;
    }
    if (requests > 0)
      this.#options.logger.info({ keyId, reason, requests }, 'requests under way were cut off');
  }
}

/** What speaks against going on, by the database's clock now. */
function objection(caller: AuthenticatedKey, exchange: Exchange): HokusaiError | undefined {
  const nowMs = caller.nowMs + exchange.elapsedMs();
  const { client, neededScope: scope } = exchange;
  const refusal = decide({ ...caller, nowMs }, { clientIp: client.clientIp, scope });
  return refusal && refusalError(refusal);
}

function unreadable(error: unknown): HokusaiError {
  return new HokusaiError(
    'unavailable',
    "This API key was changed, and it can't be found out how, since the keys service does not answer. Try again shortly.",
    { reason: 'keys_unavailable', retryAfterSeconds: 5, cause: toHokusaiError(error) },
  );
}
