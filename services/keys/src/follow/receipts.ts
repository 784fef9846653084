/** Waits until the gateways know of a revocation. Any replica can, whichever one their streams go to. */
import { HokusaiError } from '@hokusai/contracts';
import { type Clock, settleWithin, Wakeup } from '@hokusai/service-kit';
import {
  continueInquiry,
  type Inquiry,
  isAnswered,
  openInquiry,
  type Receipt,
  type RevocationPoint,
  type Roster,
  receiptOf,
} from '../domain/receipt.ts';

export interface ReceiptsOptions {
  readRoster(): Promise<Roster>;
  clock: Clock;
  /** For how long gateways are waited for. */
  limitMs?: number;
}

/** By then a gateway that lost its stream has found another, unless it is cut off. */
const WAIT_LIMIT_MS = 5000;
/** What is lost with a notification. */
const POLL_INTERVAL_MS = 250;

export class Receipts {
  readonly #readRoster: () => Promise<Roster>;
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #waiting = new Set<Wakeup>();

  constructor({ readRoster, clock, limitMs = WAIT_LIMIT_MS }: ReceiptsOptions) {
    this.#readRoster = shared(readRoster);
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** A gateway may have answered. */
  wake(): void {
    for (const wakeup of this.#waiting) wakeup.wake();
  }

  /**
   * Resolves when all gateways have answered, when the signal aborts, or at the limit, with the others as
   * silent. To be called after the commit. Throws `unavailable` if the gateways could not be read at all.
   */
  async waitFor(point: RevocationPoint, signal: AbortSignal): Promise<Receipt> {
    const endsAtMs = this.#clock.monotonic() + this.#limitMs;
    const leftMs = () => endsAtMs - this.#clock.monotonic();
    const wakeup = new Wakeup();
    const wake = () => wakeup.wake();
    const asked: { inquiry?: Inquiry } = {};
    const look = async () => {
      const roster = await this.#readRoster();
      asked.inquiry = asked.inquiry ? continueInquiry(asked.inquiry, roster) : openInquiry(point, roster);
    };
    this.#waiting.add(wakeup);
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        wakeup.clear();
        await settleWithin(look(), leftMs());
        if (asked.inquiry && isAnswered(asked.inquiry)) break;
        await wakeup.wait(Math.min(POLL_INTERVAL_MS, leftMs()));
        if (signal.aborted || leftMs() <= 0) break;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#waiting.delete(wakeup);
    }
    if (!asked.inquiry) throw unreadable();
    return receiptOf(asked.inquiry);
  }
}

/** Calls that come while one is under way share the next, so that each begins after it was called for. */
function shared<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<Value> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      const current = work();
      running = current.catch(() => {});
      return current;
    });
    return next;
  };
}

function unreadable(): HokusaiError {
  return new HokusaiError(
    'unavailable',
    'The key is revoked, but which gateways know of it can not be read at the moment. Revoke it again to ask once more.',
    { reason: 'receipt_unavailable', retryAfterSeconds: 5 },
  );
}
