/** Background work in turns. */
import type { Logger } from './log.ts';
import { pause, Wakeup } from './wakeup.ts';

export interface RepeatOptions {
  /** Says in logs what is done. */
  name: string;
  /** One turn; true if there is more to do at once. */
  turn: () => Promise<boolean>;
  /** Without being woken, the next turn comes after this. */
  idleMs: number;
  /** After a failed turn, the next one comes after this, woken or not. */
  retryMs: number;
  logger: Logger;
}

export interface Repetition {
  wake(): void;
  /** Resolves after the turn that is under way. */
  close(): Promise<void>;
}

/** Takes turns until it is closed. A failure, and the first success after it, is logged once. */
export function repeat({ name, turn, idleMs, retryMs, logger }: RepeatOptions): Repetition {
  const closing = new AbortController();
  const wakeup = new Wakeup();
  let isFailing = false;

  async function attempt(): Promise<boolean> {
    try {
      const hasMore = await turn();
      if (isFailing) logger.info(`${name}: works again`);
      isFailing = false;
      return hasMore;
    } catch (error) {
      if (!isFailing) logger.warn({ err: error }, `${name}: failed; trying again`);
      isFailing = true;
      await pause(retryMs, closing.signal);
      return true;
    }
  }

  const running = (async () => {
    while (!closing.signal.aborted) {
      wakeup.clear();
      if (!(await attempt()) && !closing.signal.aborted) await wakeup.wait(idleMs);
    }
  })();

  return {
    wake: () => wakeup.wake(),
    close: () => {
      closing.abort();
      wakeup.wake();
      return running;
    },
  };
}
