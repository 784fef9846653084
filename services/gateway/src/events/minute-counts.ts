/** Counts of what happens to requests: per minute and what they have in common, so that a flood stays a number. */
const MINUTE_MS = 60_000;
const CLOCK_TOLERANCE_MS = 10 * MINUTE_MS;
/** Counted apart within one minute. Beyond that, requests share an entry. */
const MAX_ENTRIES = 1000;

export type MinuteCount<Subject> = Subject & {
  /** Start of the minute, ISO 8601. */
  minute: string;
  count: number;
};

interface Entry<Subject> {
  subject: Subject;
  minute: string;
  count: number;
  hasChanged: boolean;
}

/** A count always stands for its whole minute so far: whoever reads several keeps the highest. */
export class MinuteCounts<Subject extends Readonly<Record<string, string>>> {
  /** What of a subject still counts apart where there are too many of them: of few values. */
  readonly #withoutClient: (subject: Subject) => Subject;
  #minuteMs = 0;
  #entries = new Map<string, Entry<Subject>>();
  /** Of minutes that are over, not yet taken. */
  #finished: MinuteCount<Subject>[] = [];

  constructor(withoutClient: (subject: Subject) => Subject) {
    this.#withoutClient = withoutClient;
  }

  add(subject: Subject, nowMs: number): void {
    this.#turnTo(nowMs);
    const entry = this.#entryOf(subject, MAX_ENTRIES) ?? this.#entryOf(this.#withoutClient(subject));
    if (!entry) return;
    entry.count += 1;
    entry.hasChanged = true;
  }

  /** Counts that changed since they were last taken. */
  takeChanged(): MinuteCount<Subject>[] {
    const taken = this.#finished;
    this.#finished = [];
    for (const entry of this.#entries.values()) if (entry.hasChanged) taken.push(take(entry));
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

  /** Undefined where it would be one more than `limit`. */
  #entryOf(subject: Subject, limit = Number.POSITIVE_INFINITY): Entry<Subject> | undefined {
    const key = JSON.stringify(subject);
    const known = this.#entries.get(key);
    if (known || this.#entries.size >= limit) return known;
    const entry = { subject, minute: new Date(this.#minuteMs).toISOString(), count: 0, hasChanged: false };
    this.#entries.set(key, entry);
    return entry;
  }
}

function take<Subject>(entry: Entry<Subject>): MinuteCount<Subject> {
  entry.hasChanged = false;
  const { subject, minute, count } = entry;
  return { ...subject, minute, count };
}
