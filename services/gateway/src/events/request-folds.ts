/** Which refusals, or sign-ins, are one: same reason, client and key prefix within a window. Bounded against floods. */
import { clientNetwork } from '../domain/client-network.ts';
import type { ReportedRequest } from '../domain/ports.ts';

/** Requests that stand behind one that has been reported already. */
export interface Fold {
  readonly key: string;
  /** The latest of them stands for all; without key and address where those are not the same. */
  latest: ReportedRequest;
  /** How many came after the one that was reported. */
  count: number;
  readonly client: string | null;
}

/**
 * Open at the same time, over all clients and for one of them. Each makes two events at most in its window,
 * and those are kept for good: whoever is refused on purpose must not be able to fill the audit log.
 */
export const MAX_FOLDS = 30;
export const MAX_FOLDS_PER_CLIENT = 10;

export class RequestFolds {
  readonly #folds = new Map<string, Fold>();
  readonly #perClient = new Map<string, number>();
  readonly #maxFolds: number;
  readonly #maxFoldsPerClient: number;

  constructor({ maxFolds = MAX_FOLDS, maxFoldsPerClient = MAX_FOLDS_PER_CLIENT } = {}) {
    this.#maxFolds = maxFolds;
    this.#maxFoldsPerClient = maxFoldsPerClient;
  }

  /**
   * Adds a request to its fold. The fold is `isNew` if it was opened by it: then it counts none yet, and
   * the request is to be reported by itself.
   *
   * A client is an address, or a v6 network. One that shows many prefixes gets one fold for all of its
   * further ones, and when there are many clients, further ones share a fold for each reason.
   */
  add(request: ReportedRequest): { fold: Fold; isNew: boolean } {
    const { reason, keyPrefix } = request;
    const client = clientNetwork(request.clientIp);
    const own = { ...request, clientIp: client };
    const exact = JSON.stringify([reason, client, keyPrefix]);
    const byClient = JSON.stringify([reason, client]);
    const byReason = JSON.stringify([reason]);
    const crowded = this.#folds.size >= this.#maxFolds;
    const many = (this.#perClient.get(client) ?? 0) >= this.#maxFoldsPerClient;
    if (this.#folds.has(exact) || !(crowded || many)) return this.#join(exact, own, client);
    if (this.#folds.has(byClient) || !crowded) return this.#join(byClient, withoutKey(own), client);
    return this.#join(byReason, { ...withoutKey(own), clientIp: '', userAgent: '' }, null);
  }

  /** Ends a fold's window. */
  close(fold: Fold): void {
    if (!this.#folds.delete(fold.key) || fold.client === null) return;
    const rest = (this.#perClient.get(fold.client) ?? 0) - 1;
    if (rest > 0) this.#perClient.set(fold.client, rest);
    else this.#perClient.delete(fold.client);
  }

  #join(key: string, request: ReportedRequest, client: string | null): { fold: Fold; isNew: boolean } {
    const known = this.#folds.get(key);
    if (known) {
      known.latest = request;
      known.count += 1;
      return { fold: known, isNew: false };
    }
    const fold: Fold = { key, latest: request, count: 0, client };
    this.#folds.set(key, fold);
    if (client !== null) this.#perClient.set(client, (this.#perClient.get(client) ?? 0) + 1);
    return { fold, isNew: true };
  }
}

function withoutKey(request: ReportedRequest): ReportedRequest {
  return { ...request, keyPrefix: null, keyId: null, userId: null };
}
