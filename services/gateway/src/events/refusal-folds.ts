/** Which refusals are one: same reason, address and key prefix within a window. Bounded against floods. */
import type { RefusedRequest } from '../domain/ports.ts';

/** Refusals that stand behind one that has been reported already. */
export interface Fold {
  readonly key: string;
  /** The latest of them stands for all; without key and address where those are not the same. */
  latest: RefusedRequest;
  /** How many came after the one that was reported. */
  count: number;
  readonly clientIp: string | null;
}

/** Open at the same time, over all addresses and for one of them. */
export const MAX_FOLDS = 1000;
export const MAX_FOLDS_PER_ADDRESS = 20;

export class RefusalFolds {
  readonly #folds = new Map<string, Fold>();
  readonly #perAddress = new Map<string, number>();

  /**
   * Adds a refusal to its fold. The fold is `isNew` if it was opened by it: then it counts none yet, and
   * the refusal is to be reported by itself.
   *
   * One address that shows very many prefixes gets one fold for all of its further ones, and when there
   * are very many addresses, further ones share a fold for each reason.
   */
  add(refusal: RefusedRequest): { fold: Fold; isNew: boolean } {
    const { reason, clientIp, keyPrefix } = refusal;
    const exact = JSON.stringify([reason, clientIp, keyPrefix]);
    const byAddress = JSON.stringify([reason, clientIp]);
    const byReason = JSON.stringify([reason]);
    const crowded = this.#folds.size >= MAX_FOLDS;
    const many = (this.#perAddress.get(clientIp) ?? 0) >= MAX_FOLDS_PER_ADDRESS;
    if (this.#folds.has(exact) || !(crowded || many)) return this.#join(exact, refusal, clientIp);
    if (this.#folds.has(byAddress) || !crowded) return this.#join(byAddress, withoutKey(refusal), clientIp);
    return this.#join(byReason, { ...withoutKey(refusal), clientIp: '', userAgent: '' }, null);
  }

  /** Ends a fold's window. */
  close(fold: Fold): void {
    if (!this.#folds.delete(fold.key) || fold.clientIp === null) return;
    const rest = (this.#perAddress.get(fold.clientIp) ?? 0) - 1;
    if (rest > 0) this.#perAddress.set(fold.clientIp, rest);
    else this.#perAddress.delete(fold.clientIp);
  }

  open(): Fold[] {
    return [...this.#folds.values()];
  }

  #join(key: string, refusal: RefusedRequest, clientIp: string | null): { fold: Fold; isNew: boolean } {
    const known = this.#folds.get(key);
    if (known) {
      known.latest = refusal;
      known.count += 1;
      return { fold: known, isNew: false };
    }
    const fold: Fold = { key, latest: refusal, count: 0, clientIp };
    this.#folds.set(key, fold);
    if (clientIp !== null) this.#perAddress.set(clientIp, (this.#perAddress.get(clientIp) ?? 0) + 1);
    return { fold, isNew: true };
  }
}

function withoutKey(refusal: RefusedRequest): RefusedRequest {
  return { ...refusal, keyPrefix: null, keyId: null, userId: null };
}
