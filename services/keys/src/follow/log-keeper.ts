/**
 * Keeps the change log, the list of gateways and the answers to repeated requests from growing: what nobody
 * can resume from or ask for is removed.
 */
import { type Clock, type Logger, pause } from '@hokusai/service-kit';
import type { Look, Position } from './follower.ts';

export interface LogStore {
  look(from: undefined): Promise<Look>;
  /** Removes the changes of all transactions below, and notes that the log does not reach there any more. */
  trim(below: bigint): Promise<void>;
  /** Removes gateways whose last ping is older, and that can't trust any more. */
  forgetGateways(silentMs: number): Promise<void>;
  /** Removes sealed answers, which hold new keys, when they are too old to be given again. */
  forgetAnswers(): Promise<void>;
}

/** A gateway that was away for no longer resumes without distrusting what it knows. */
const RETENTION_MS = 15 * 60 * 1000;
const INTERVAL_MS = 60 * 1000;
/** Long past any trust; kept for whoever asks what became of a gateway. */
const GATEWAY_RETENTION_MS = 24 * 60 * 60 * 1000;

/**
 * Which cut has been the past for long enough. A row below a cut was visible when that cut was taken, so
 * what is removed has been on show for the whole retention, however late its transaction committed.
 */
export class Retention {
  readonly #retentionMs: number;
  #epoch = '';
  /** Oldest first. */
  #cuts: { atMs: number; cut: bigint }[] = [];

  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs;
  }

  /** Takes note of where the database is now; returns below what the log may be cut, if anything. */
  note({ epoch, cut }: Position, nowMs: number): bigint | undefined {
    // After a restore the same numbers mean other transactions.
    if (epoch !== this.#epoch) this.#cuts = [];
    this.#epoch = epoch;
    this.#cuts.push({ atMs: nowMs, cut });
    const past = this.#cuts.filter(({ atMs }) => atMs <= nowMs - this.#retentionMs);
    // The newest of the past is kept until a newer one has become past too.
    this.#cuts.splice(0, past.length - 1);
    return past.at(-1)?.cut;
  }
}

export interface LogKeeper {
  close(): Promise<void>;
}

/** Works in the background once a minute; a failure is logged and the next minute's turn makes up for it. */
export function startLogKeeper(store: LogStore, clock: Clock, logger: Logger): LogKeeper {
  const closing = new AbortController();
  const retention = new Retention(RETENTION_MS);
  const turn = async () => {
    const below = retention.note(await store.look(undefined), clock.monotonic());
    if (below !== undefined) await store.trim(below);
    await store.forgetGateways(GATEWAY_RETENTION_MS);
    await store.forgetAnswers();
  };
  const running = (async () => {
    while (!closing.signal.aborted) {
      await turn().catch((error: unknown) =>
        logger.warn({ err: error }, 'what is out of date was not removed'),
      );
      await pause(INTERVAL_MS, closing.signal);
    }
  })();
  return {
    close: () => {
      closing.abort();
      return running;
    },
  };
}
