/**
 * How many keys that nobody has proved here are asked for at a time: few enough that a keys service that hangs
 * fills no memory, and of one client no more than may turn out to be wrong.
 */
import { HokusaiError } from '@hokusai/contracts/errors';
import { PREFIX_LENGTH } from '@hokusai/key-format';
import type { AuthFailures } from '../domain/auth-failures.ts';
import { clientNetwork } from '../domain/client-network.ts';

/** Who shows a key that has to be asked for. */
export interface Asker {
  key: string;
  clientIp: string;
}

export interface ProofPlaces {
  /**
   * Puts a question about a key once there is a place for it, which it has until it is answered. Rejects with
   * HokusaiError `unknown_keys_shed` where too many wait, and `auth_failures_limited` where by then its client
   * has shown too many wrong keys; the failure itself is for the question to charge.
   */
  ask<Result>(asker: Asker, question: () => Promise<Result>): Promise<Result>;
}

export interface ProofPlacesOptions {
  /** Absent: clients may fail as often as they like. */
  failures?: AuthFailures | undefined;
  /** Questions at a time. */
  maxAsked?: number;
  /** Questions that may wait. */
  maxWaiting?: number;
}

/** Reason of the error for those that find no place. */
export const UNKNOWN_KEYS_SHED = 'unknown_keys_shed';

/** More than a keys service works on at a time. */
const MAX_ASKED = 64;
/** More than a fleet has keys; some megabytes, with the requests that wait. */
const MAX_WAITING = 1024;

interface Waiting extends Asker {
  start: () => void;
  refuse: (error: HokusaiError) => void;
}

/**
 * A client has as many places as it may still fail: each question may turn out to be a failure, and gives its
 * place back if it is none. So no more of them fail than may, however many come at once, and whoever shows good
 * keys only waits, never longer than for the answers before its own. Clients take turns.
 */
export class SharedProofPlaces implements ProofPlaces {
  readonly #failures: AuthFailures | undefined;
  readonly #maxAsked: number;
  readonly #maxWaiting: number;
  /** By client network. */
  readonly #asked = new Map<string, number>();
  /** By client network, in the order of their turns. */
  readonly #waiting = new Map<string, Waiting[]>();
  #askedCount = 0;
  #waitingCount = 0;

  constructor({ failures, maxAsked = MAX_ASKED, maxWaiting = MAX_WAITING }: ProofPlacesOptions) {
    this.#failures = failures;
    this.#maxAsked = maxAsked;
    this.#maxWaiting = maxWaiting;
  }

  async ask<Result>(asker: Asker, question: () => Promise<Result>): Promise<Result> {
    const network = clientNetwork(asker.clientIp);
    await this.#place(asker, network);
    try {
      return await question();
    } finally {
      this.#asked.set(network, (this.#asked.get(network) ?? 0) - 1);
      if (this.#asked.get(network) === 0) this.#asked.delete(network);
      this.#askedCount -= 1;
      this.#fillPlaces();
    }
  }

  #place(asker: Asker, network: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(network) ?? [];
    waiting.push({ ...asker, start: resolve, refuse: reject });
    this.#waiting.set(network, waiting);
    this.#waitingCount += 1;
    this.#fillPlaces();
    if (this.#waitingCount > this.#maxWaiting) this.#shedLast();
    return promise;
  }

  /** One of each client in turn, as long as there are places. */
  #fillPlaces(): void {
    // A client that has had its turn comes to the end of the map, and so again; one that has to wait does not.
    for (const [network, waiting] of this.#waiting) {
      if (this.#askedCount >= this.#maxAsked) return;
      const left = this.#leftOf(waiting);
      if (left === 0) this.#refuseAll(network, waiting);
      else if (left > (this.#asked.get(network) ?? 0)) this.#startNext(network, waiting);
    }
  }

  /** So many may still fail, with those under way. */
  #leftOf([first]: Waiting[]): number {
    return first && this.#failures ? this.#failures.left(first.clientIp) : Number.POSITIVE_INFINITY;
  }

  #startNext(network: string, waiting: Waiting[]): void {
    const next = waiting.shift();
    this.#waitingCount -= 1;
    this.#waiting.delete(network);
    if (waiting.length > 0) this.#waiting.set(network, waiting);
    this.#asked.set(network, (this.#asked.get(network) ?? 0) + 1);
    this.#askedCount += 1;
    next?.start();
  }

  #refuseAll(network: string, waiting: Waiting[]): void {
    this.#waiting.delete(network);
    this.#waitingCount -= waiting.length;
    for (const { clientIp, key, refuse } of waiting) {
      const refusal = this.#failures?.refusal(clientIp, key.slice(0, PREFIX_LENGTH));
      if (refusal) refuse(refusal);
    }
  }

  /** The last of the client of whom most wait: whoever sends many keys keeps nobody else out. */
  #shedLast(): void {
    let largest: [network: string, waiting: Waiting[]] | undefined;
    for (const entry of this.#waiting) {
      if (!largest || entry[1].length >= largest[1].length) largest = entry;
    }
    if (!largest) return;
    const [network, waiting] = largest;
    const last = waiting.pop();
    if (waiting.length === 0) this.#waiting.delete(network);
    this.#waitingCount -= 1;
    last?.refuse(tooManyUnknownKeys());
  }
}

export function tooManyUnknownKeys(): HokusaiError {
  return new HokusaiError('unavailable', 'Too many unknown API keys are being checked.', {
    reason: UNKNOWN_KEYS_SHED,
    retryAfterSeconds: 1,
  });
}
