/** Which refusals are one in the audit log: same acting key, action and reason within a window. Pure. */

export interface RefusedAttempt {
  actingKeyId: string;
  action: string;
  /** Stable code. */
  reason: string;
  targetId: string | null;
  clientIp: string;
}

/** Refusals that came after one that stands in the log by itself. */
export interface RefusalFold {
  readonly untilMs: number;
  /** All of them, and the first one, were about the same target. */
  hasOneTarget: boolean;
  /** All of them, and the first one, came from the same address. */
  hasOneAddress: boolean;
  /** Id of the event that counts them; undefined before there is one, null where it could not be written. */
  event: Promise<string | null> | undefined;
}

/** Since the first one. */
export const REFUSAL_FOLD_MS = 60_000;
/** Windows that are open at the same time, some 5 MB; the oldest give way, and fold no more. */
const MAX_OPEN = 10_000;

interface OpenFold extends RefusalFold {
  first: RefusedAttempt;
}

export class RefusalFolds {
  readonly #windowMs: number;
  /** In the order of their ends. */
  readonly #open = new Map<string, OpenFold>();

  /** @param windowMs 0: none are folded */
  constructor(windowMs: number = REFUSAL_FOLD_MS) {
    this.#windowMs = windowMs;
  }

  /**
   * The fold that a refusal joins; undefined if it is the first of its kind: then it is to be told by itself, and
   * those that follow join.
   *
   * @param nowMs never runs backwards
   */
  join(attempt: RefusedAttempt, nowMs: number): RefusalFold | undefined {
    this.#forgetEnded(nowMs);
    const key = JSON.stringify([attempt.actingKeyId, attempt.action, attempt.reason]);
    const known = this.#open.get(key);
    if (known) {
      known.hasOneTarget &&= known.first.targetId === attempt.targetId;
      known.hasOneAddress &&= known.first.clientIp === attempt.clientIp;
      return known;
    }
    const untilMs = nowMs + this.#windowMs;
    this.#open.set(key, {
      untilMs,
      first: attempt,
      hasOneTarget: true,
      hasOneAddress: true,
      event: undefined,
    });
    return undefined;
  }

  #forgetEnded(nowMs: number): void {
    for (const [key, { untilMs }] of this.#open) {
      if (untilMs > nowMs && this.#open.size <= MAX_OPEN) return;
      this.#open.delete(key);
    }
  }
}
