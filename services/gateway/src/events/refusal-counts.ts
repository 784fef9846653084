/** Counts of refusals without a known key: per minute, reason and client, so that a flood stays a number. */
import type { AnonymousRefusal } from '@hokusai/contracts';
import { clientNetwork } from '../domain/client-network.ts';

const MINUTE_MS = 60_000;
const CLOCK_TOLERANCE_MS = 10 * MINUTE_MS;
/** Counted apart within one minute. Beyond that, addresses share the empty one. */
const MAX_ENTRIES = 1000;
const MAX_REASON_LENGTH = 64;
const MAX_ADDRESS_LENGTH = 64;

interface Entry extends AnonymousRefusal {
  changed: boolean;
}

/** A count always stands for its whole minute so far: whoever reads several keeps the highest. */
export class RefusalCounts {
  #minuteMs = 0;
  #entries = new Map<string, Entry>();
  /** Of minutes that are over, not yet taken. */
  #finished: AnonymousRefusal[] = [];

  add(reason: string, clientIp: string, nowMs: number): void {
    this.#turnTo(nowMs);
    const shortReason = reason.slice(0, MAX_REASON_LENGTH);
    const entry = this.#entryOf(shortReason, clientNetwork(clientIp).slice(0, MAX_ADDRESS_LENGTH));
    entry.count += 1;
    entry.changed = true;
  }

  /** Counts that changed since they were last taken. */
  takeChanged(): AnonymousRefusal[] {
    const taken = this.#finished;
    this.#finished = [];
    for (const entry of this.#entries.values()) if (entry.changed) taken.push(take(entry));
    return taken;
  }

  /** A clock that is set back a little stays in its minute: a count that ended must not begin again. */
  #turnTo(nowMs: number): void {
    const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const backMs = this.#minuteMs - minuteMs;
    if (backMs >= 0 && backMs <= CLOCK_TOLERANCE_MS) return;
    this.#finished = this.takeChanged();
    this.#entries = new Map();
    this.#minuteMs = minuteMs;
  }

  #entryOf(reason: string, clientIp: string): Entry {
    const key = `${reason} ${clientIp}`;
    const known = this.#entries.get(key);
    if (known) return known;
    // Reasons come from a short list of codes: one more entry for each is bounded too.
    if (clientIp !== '' && this.#entries.size >= MAX_ENTRIES) return this.#entryOf(reason, '');
    const minute = new Date(this.#minuteMs).toISOString();
    const entry = { minute, reason, client_ip: clientIp, count: 0, changed: false };
    this.#entries.set(key, entry);
    return entry;
  }
}

function take(entry: Entry): AnonymousRefusal {
  entry.changed = false;
  const { minute, reason, client_ip, count } = entry;
  return { minute, reason, client_ip, count };
}
