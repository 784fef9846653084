/** What a background loop waits on: an event, or a time at the latest. */
export class Wakeup {
  #isWoken = false;
  #resolve: (() => void) | undefined;

  /** Ends the wait that is under way, or else the next one. */
  wake(): void {
    this.#isWoken = true;
    this.#resolve?.();
  }

  /** Forgets a wake that no wait has used up. */
  clear(): void {
    this.#isWoken = false;
  }

  /** Resolves when woken, at the latest after `limitMs`. One wait at a time. */
  async wait(limitMs: number): Promise<void> {
    if (!this.#isWoken && limitMs > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, limitMs);
      this.#resolve = resolve;
      await promise;
      clearTimeout(timer);
      this.#resolve = undefined;
    }
    this.#isWoken = false;
  }
}

/** Resolves when the work is over, done or failed, at the latest after `limitMs`. */
export async function settleWithin(work: Promise<unknown>, limitMs: number): Promise<void> {
  const settled = new AbortController();
  const settle = () => settled.abort();
  work.then(settle, settle);
  await pause(limitMs, settled.signal);
}

/** The answer, if it comes within `limitMs`; rejects after that, while the work may go on. */
export function answerWithin<Answer>(work: Promise<Answer>, limitMs: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${limitMs} ms`));
    // Timers come before what has arrived: an answer that waited for a busy process is read first.
    const timer = setTimeout(() => setImmediate(late), limitMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Resolves after `ms`, or at once when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const wakeup = new Wakeup();
  const wake = () => wakeup.wake();
  signal.addEventListener('abort', wake, { once: true });
  await wakeup.wait(ms);
  signal.removeEventListener('abort', wake);
}
