/** Tells of an incarnation's numbering: `opened`, `progress` while it lives, `closed`. */
import type { Bus, Clock } from '@hokusai/service-kit';
import type { Timers } from './timers.ts';
import { type AnnouncementContent, announcementMessage, type Incarnation } from './usage-messages.ts';

export interface AnnouncerOptions {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  timers: Timers;
  self: Incarnation;
  counts: () => Pick<AnnouncementContent, 'assigned' | 'flushed' | 'dropped'>;
}

/** Sent at least this often: after 30 s of silence an incarnation counts as ended. */
const KEEP_ALIVE_MS = 10_000;
const RETRY_MS = 250;

/**
 * An announcement that could not be sent is not repeated: the next one says more. Only the first and the
 * last are insisted on.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #openedAt: Date;
  #opened = false;
  #announcements = 0;
  #sending = false;
  /** What the broker knows, as text, and since when (monotonic). */
  #lastCounts = '';
  #lastSentMs = 0;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#openedAt = new Date(options.clock.now());
  }

  /** To be called each second: announces if something changed, or if the last time is long ago. */
  tick(): void {
    if (this.#sending) return;
    if (!this.#opened) return void this.#announce('opened', this.#openedAt);
    const counts = JSON.stringify(this.#options.counts());
    const silentMs = this.#options.clock.monotonic() - this.#lastSentMs;
    if (counts !== this.#lastCounts || silentMs >= KEEP_ALIVE_MS) void this.#announce('progress');
  }

  /** Says `closed`, as often as needed within `limitMs`. False if nobody took it. */
  async close(limitMs: number): Promise<boolean> {
    const { timers } = this.#options;
    const { promise: done, resolve } = Promise.withResolvers<boolean>();
    let cancelRetry = () => {};
    let ended = false;
    const end = (isSaid: boolean) => {
      ended = true;
      resolve(isSaid);
    };
    const insist = async () => {
      if (await this.#announce('closed')) return end(true);
      if (!ended) cancelRetry = timers.after(RETRY_MS, () => void insist());
    };
    const cancelLimit = timers.after(limitMs, () => end(false));
    void insist();
    const isSaid = await done;
    cancelLimit();
    cancelRetry();
    return isSaid;
  }

  /** True if the broker acknowledged it. */
  async #announce(kind: AnnouncementContent['kind'], at?: Date): Promise<boolean> {
    const { bus, clock, self } = this.#options;
    const counts = this.#options.counts();
    this.#announcements += 1;
    const message = announcementMessage(self, {
      announcement: this.#announcements,
      kind,
      ...counts,
      at: at ?? new Date(clock.now()),
    });
    this.#sending = true;
    try {
      await bus.publish(message.subject, message.payload, message.id);
      this.#opened = true;
      this.#lastCounts = JSON.stringify(counts);
      this.#lastSentMs = clock.monotonic();
      return true;
    } catch {
      return false;
    } finally {
      this.#sending = false;
    }
  }
}
