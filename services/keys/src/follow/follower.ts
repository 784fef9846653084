/**
 * What one follower is told of the change log. Pure: looks come in, messages go out.
 *
 * The rule that gateways build their trust on: whatever was committed before a ping was sent is in the
 * tick that echoes it, or in one before. It holds because a look sees all that was committed before it
 * began, because a tick echoes only what was received before that, and because a change is sent again
 * until the cut has passed its transaction: a transaction with a lower id may commit after one with a
 * higher id, and the cut (`pg_snapshot_xmin`) stays below the lowest that still runs.
 */

/** A place in the history of one database. Everything written by transactions below `cut` was visible. */
export interface Position {
  epoch: string;
  cut: bigint;
}

/** One row of the change log. */
export interface LoggedChange {
  /** The transaction that made it. */
  xid: bigint;
  keyId: string;
  version: bigint;
}

/** What one statement saw of the change log. */
export interface Look extends Position {
  readAt: Date;
  /** Rows of transactions below it may have been removed from the log. */
  trimmedBelow: bigint;
  /** All rows that were visible with `xid` of at least the lowest position asked for, or of `cut`. */
  changes: readonly LoggedChange[];
}

export interface KeyVersion {
  keyId: string;
  version: bigint;
}

export interface Tick extends Position {
  kind: 'tick';
  /** From 1, without gaps, within a stream. */
  number: bigint;
  /** Number of the last ping received before the look began; 0 if there was none. */
  echo: bigint;
  readAt: Date;
  changes: readonly KeyVersion[];
}

/** What a tick lets its receiver conclude. */
type Claim = Pick<Tick, 'epoch' | 'cut' | 'readAt' | 'echo'>;

/** The follower may have missed something: it must distrust every state that it holds. */
export interface Reset {
  kind: 'reset';
  reason: string;
}

export interface FollowerOptions {
  /** Identity of the gateway process (uuid). */
  incarnation: string;
  /** Its name for people. */
  gateway: string;
  /** For how long it may trust after its last echoed ping, in milliseconds. */
  trustMs: number;
  /** The last tick that it applied; undefined for a new process. */
  resumeAfter: Position | undefined;
}

export interface Ping {
  number: bigint;
  /** Number of the last tick of this stream that was applied. */
  applied: bigint;
  /** That tick's cut, or the one that it resumes from. */
  appliedCut: bigint;
}

/** Well below gRPC's 4 MiB for one message, at some 50 bytes a change. */
const MAX_CHANGES_PER_TICK = 10_000;

export class Follower {
  readonly options: FollowerOptions;
  /** Everything below has been told, and everything above that was visible then. */
  #told: Position | undefined;
  #lastTick: Tick | undefined;
  #nextNumber = 1n;
  #ping: Ping;
  #appliedEpoch: string;
  /** The last tick whose cut has passed a change that it tells of; undefined once that was acknowledged. */
  #awaitedTick: bigint | undefined;
  /** Epochs of the ticks from `since` on, oldest first. */
  #epochs: { since: bigint; epoch: string }[] = [];

  constructor(options: FollowerOptions) {
    this.options = options;
    this.#told = options.resumeAfter;
    this.#ping = { number: 0n, applied: 0n, appliedCut: options.resumeAfter?.cut ?? 0n };
    this.#appliedEpoch = options.resumeAfter?.epoch ?? '';
  }

  /** Where the next look has to begin; undefined if it may begin at its own cut. */
  get told(): Position | undefined {
    return this.#told;
  }

  /** The last ping; number 0 before the first one. */
  get ping(): Ping {
    return this.#ping;
  }

  /** The epoch that the last ping's `appliedCut` belongs to; empty if nothing was applied. */
  get appliedEpoch(): string {
    return this.#appliedEpoch;
  }

  /**
   * Takes note of a ping; one that was overtaken is ignored. True if it is the first that acknowledges a
   * change: somebody may wait to hear of it.
   */
  receive(ping: Ping): boolean {
    if (ping.number <= this.#ping.number) return false;
    // Before the first tick of the stream it knows what it came with.
    this.#ping = ping.applied === 0n ? { ...ping, appliedCut: this.#ping.appliedCut } : ping;
    const applied = this.#epochs.filter(({ since }) => since <= ping.applied);
    this.#epochs.splice(0, applied.length - 1);
    this.#appliedEpoch = applied.at(-1)?.epoch ?? this.#appliedEpoch;
    if (this.#awaitedTick === undefined || ping.applied < this.#awaitedTick) return false;
    this.#awaitedTick = undefined;
    return true;
  }

  /**
   * What to send after a look. `echo` is the number of the last ping that was received before the look
   * began. The last message is a tick with the look's position; a reset comes before it where the log
   * does not reach from what the follower knows to the look.
   */
  tell(look: Look, echo: bigint): (Tick | Reset)[] {
    const obstacle = this.#obstacleTo(look);
    // A new follower needs no past, but what its own cut has not passed: an entry of the shared cache
    // that was read at this very cut may lack it.
    const from = obstacle === undefined && this.#told ? this.#told.cut : look.cut;
    const rows = look.changes.filter(({ xid }) => xid >= from);
    const changes = latestOf(rows);
    const before = (obstacle === undefined && this.#lastTick) || { ...look, cut: from, echo: 0n };
    const ticks = this.#ticksOf({ ...look, echo }, before, changes);
    this.#told = { epoch: look.epoch, cut: look.cut };
    if (rows.some(({ xid }) => xid < look.cut)) this.#awaitedTick = this.#lastTick?.number;
    return obstacle === undefined ? ticks : [{ kind: 'reset', reason: obstacle }, ...ticks];
  }

  /** Why nothing that the follower knows can be continued from; undefined if it can. */
  #obstacleTo(look: Look): string | undefined {
    const told = this.#told;
    if (!told) return undefined;
    if (told.epoch !== look.epoch) return 'the database was restarted, restored or replaced';
    if (told.cut < look.trimmedBelow) return 'the change log no longer reaches back to the last tick';
    if (told.cut > look.cut) return 'the last tick lies ahead of the database';
    return undefined;
  }

  /**
   * One tick, or several if there are too many changes for one message. All but the last then claim no
   * more than is known without them: what they carry is just heard early.
   */
  #ticksOf(now: Claim, before: Claim, changes: readonly KeyVersion[]): Tick[] {
    const ticks: Tick[] = [];
    for (let start = 0; start === 0 || start < changes.length; start += MAX_CHANGES_PER_TICK) {
      const end = start + MAX_CHANGES_PER_TICK;
      ticks.push(this.#tickOf(end < changes.length ? before : now, changes.slice(start, end)));
    }
    return ticks;
  }

  #tickOf({ epoch, cut, readAt, echo }: Claim, changes: readonly KeyVersion[]): Tick {
    const tick: Tick = { kind: 'tick', number: this.#nextNumber, echo, epoch, cut, readAt, changes };
    this.#nextNumber += 1n;
    this.#lastTick = tick;
    if (this.#epochs.at(-1)?.epoch !== epoch) this.#epochs.push({ since: tick.number, epoch });
    return tick;
  }
}

/** The highest version of each key: hearing of it makes all lower ones distrusted too. */
function latestOf(changes: readonly LoggedChange[]): KeyVersion[] {
  const versions = new Map<string, bigint>();
  for (const { keyId, version } of changes) {
    if (version > (versions.get(keyId) ?? -1n)) versions.set(keyId, version);
  }
  return Array.from(versions, ([keyId, version]) => ({ keyId, version }));
}

/** Lowest cut that a look has to reach back to for all of these; undefined if each may begin at its own. */
export function lowestCut(followers: Iterable<Follower>): bigint | undefined {
  let lowest: bigint | undefined;
  for (const { told } of followers) {
    if (told && (lowest === undefined || told.cut < lowest)) lowest = told.cut;
  }
  return lowest;
}
