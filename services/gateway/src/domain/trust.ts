/**
 * When a cached state of a key may be used without asking the keys service.
 *
 * What it builds on: whatever was committed before a ping was sent has been told by the tick that echoes
 * it, and a change is told again until the cut has passed its transaction. So a state is as good as new if
 * a recent ping was echoed (`staleMs`), and every change that the state can lack was heard of since: its
 * snapshot's cut is not below `floor`, from where on all changes are remembered, and no newer version of
 * the key is among them. Redis and other caches are never asked for freshness.
 *
 * Pure: fed with what is sent and received, and with a clock.
 */
import { type Clock, elapsedMs, elapsedUntil, type Instant, instantOf } from './elapsed.ts';
import { HeardChanges } from './heard-changes.ts';
import type { KeyState, ReadPoint } from './key-state.ts';

export interface TrustSettings {
  /** Trust lasts that long after the last echoed ping was sent. */
  staleMs: number;
  /** No state is used for longer after its read, whatever was heard. */
  stateTtlMs: number;
  /** How many changed keys are remembered before older states are distrusted instead. */
  heardCapacity: number;
}

/** A place in the history of one database: all transactions below `cut` had ended. */
export interface Position {
  epoch: string;
  cut: bigint;
}

export interface Ping {
  /** Rises by one with each ping of this process. */
  number: bigint;
  /** Number and cut of the last tick of this stream that was applied; 0 before the first. */
  applied: bigint;
  appliedCut: bigint;
}

export interface Tick {
  /** Rises by one within a stream. */
  number: bigint;
  /** The last ping that was received before the change log was looked at; 0 for none. */
  echo: bigint;
  read: ReadPoint;
  changes: readonly { keyId: string; version: bigint }[];
}

export interface TickOutcome {
  /** `ignored`: of a former stream. `broken`: a tick is missing, so the stream is to be opened anew. */
  kind: 'applied' | 'ignored' | 'broken';
  /** All states are to be dropped. */
  isReset: boolean;
  /** A ping of this stream was echoed that had not been echoed before. */
  isEchoed: boolean;
}

/**
 * - `trusted`: it may be used.
 * - `stale`: nothing speaks against it, but it can't be known to be the newest any more.
 * - `distrusted`: there is a newer one, or one may have been missed.
 */
export type Assessment = 'trusted' | 'stale' | 'distrusted';

/** A state read further in the database's future shows that its clock was set back. */
const MAX_READ_AHEAD_MS = 5000;

const IGNORED: TickOutcome = { kind: 'ignored', isReset: false, isEchoed: false };
const BROKEN: TickOutcome = { kind: 'broken', isReset: false, isEchoed: false };

export class Trust {
  readonly #settings: TrustSettings;
  readonly #clock: Clock;
  readonly #heard = new HeardChanges();
  /** Where the last applied tick stood. */
  #position: Position | undefined;
  /** Where the last one stood that echoed a ping, and so ended a look at the change log. */
  #lookEnd: Position | undefined;
  /** All changes by transactions of this or a higher id are remembered. Undefined: nothing is trusted. */
  #floor: bigint | undefined;
  /** The last echoed ping, and the database's time in the tick that echoed it. */
  #echoed: { sentAt: Instant; databaseMs: number } | undefined;
  readonly #madeAt: Instant;
  #generationBegan: Instant;
  #timesForgotten = 0;
  #stream = 0;
  #lastTick = 0n;
  #lastPing = 0n;
  /** Pings of this stream, sent after the last reset, that were not echoed yet. */
  readonly #pings = new Map<bigint, Instant>();

  constructor(settings: TrustSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#madeAt = instantOf(clock);
    this.#generationBegan = this.#madeAt;
  }

  /** A new stream begins; what still comes from former ones is ignored. The answer names it. */
  openStream(): number {
    this.#pings.clear();
    this.#lastTick = 0n;
    // The new stream continues from there, so its first tick may stand before the former stream's last.
    this.#position = this.#lookEnd;
    this.#stream += 1;
    return this.#stream;
  }

  /**
   * Where a new stream has to continue; undefined if it may begin anywhere. It is not the last tick's
   * place: a look may take several ticks, and the rest of it may have been lost with the former stream.
   */
  get resumeFrom(): Position | undefined {
    return this.#lookEnd;
  }

  /** The next ping of the current stream. To be called right before it is sent. */
  nextPing(): Ping {
    this.#lastPing += 1n;
    this.#pings.set(this.#lastPing, instantOf(this.#clock));
    const appliedCut = this.#lastTick === 0n ? 0n : (this.#position?.cut ?? 0n);
    return { number: this.#lastPing, applied: this.#lastTick, appliedCut };
  }

  applyTick(stream: number, tick: Tick): TickOutcome {
    if (stream !== this.#stream) return IGNORED;
    if (this.#lastTick !== 0n && tick.number !== this.#lastTick + 1n) return BROKEN;
    const { epoch, cut } = tick.read;
    const isOtherHistory =
      this.#position !== undefined && (epoch !== this.#position.epoch || cut < this.#position.cut);
    if (isOtherHistory) this.#forgetHistory();
    this.#lastTick = tick.number;
    this.#position = { epoch, cut };
    for (const { keyId, version } of tick.changes) this.#heard.add(keyId, version);
    const isOverflown = this.#heard.filling > this.#settings.heardCapacity;
    if (isOverflown) this.#restart();
    return { kind: 'applied', isReset: isOtherHistory || isOverflown, isEchoed: this.#applyEcho(tick) };
  }

  /** The keys service can't tell what was missed: nothing known until now is trusted. False for a former stream. */
  applyReset(stream: number): boolean {
    if (stream !== this.#stream) return false;
    this.#forgetHistory();
    return true;
  }

  /** Nothing is trusted any more, and nothing that comes will be applied. */
  stop(): void {
    this.openStream();
    this.#restart();
  }

  assess(state: KeyState, now = instantOf(this.#clock)): Assessment {
    const { read } = state;
    if (this.#echoed === undefined || this.#floor === undefined) return 'distrusted';
    if (read.epoch !== this.#position?.epoch || read.cut < this.#floor) return 'distrusted';
    if (this.hasHeardNewer(state)) return 'distrusted';
    const sinceEchoMs = elapsedUntil(this.#echoed.sentAt, now);
    if (sinceEchoMs > this.#settings.staleMs) return 'stale';
    const ageMs = this.#echoed.databaseMs + sinceEchoMs - read.readAtMs;
    return ageMs <= this.#settings.stateTtlMs && ageMs >= -MAX_READ_AHEAD_MS ? 'trusted' : 'stale';
  }

  /** True if a change was heard of that the state lacks. */
  hasHeardNewer({ keyId, version }: KeyState): boolean {
    const newest = this.#heard.newest(keyId);
    return newest !== undefined && newest > version;
  }

  /**
   * How often changes that had been heard of were forgotten. Whether a state that was asked for before the
   * last time lacks one of them can't be told, unless it is trusted.
   */
  get timesForgotten(): number {
    return this.#timesForgotten;
  }

  /**
   * The database's time, ms since the epoch: what it was in the tick, and what passed since the ping that
   * the tick echoes was sent. Rather late than early. Undefined before the first echo.
   */
  databaseNowMs(now = instantOf(this.#clock)): number | undefined {
    return this.#echoed && this.#echoed.databaseMs + elapsedUntil(this.#echoed.sentAt, now);
  }

  /** Since the last echoed ping was sent; since it was made before the first one. */
  echoAgeMs(): number {
    return elapsedMs(this.#echoed?.sentAt ?? this.#madeAt, this.#clock);
  }

  /** True while states can be trusted at all. */
  isFollowing(): boolean {
    return (
      this.#echoed !== undefined && elapsedMs(this.#echoed.sentAt, this.#clock) <= this.#settings.staleMs
    );
  }

  /**
   * Trust begins anew with the first tick that echoes a ping sent from now on. Such a tick ends a look at
   * the change log that began after now, so that all that the look told has been remembered, also where it
   * takes several ticks; its cut becomes the floor.
   */
  #restart(): void {
    this.#heard.clear();
    this.#timesForgotten += 1;
    this.#floor = undefined;
    this.#echoed = undefined;
    this.#pings.clear();
  }

  #forgetHistory(): void {
    this.#restart();
    this.#position = undefined;
    this.#lookEnd = undefined;
  }

  #applyEcho({ echo, read }: Tick): boolean {
    const sentAt = this.#pings.get(echo);
    if (sentAt === undefined) return false;
    for (const number of this.#pings.keys()) if (number <= echo) this.#pings.delete(number);
    this.#echoed = { sentAt, databaseMs: read.readAtMs };
    this.#lookEnd = this.#position;
    if (this.#floor === undefined) this.#floor = read.cut;
    else this.#forgetOld(read.cut);
    return true;
  }

  /** Bounds the memory of changes, and lets the floor rise to where it begins now. */
  #forgetOld(cut: bigint): void {
    const { heardCapacity, stateTtlMs } = this.#settings;
    const isFull = this.#heard.filling >= heardCapacity / 2;
    if (!isFull && elapsedMs(this.#generationBegan, this.#clock) < stateTtlMs) return;
    const forgotten = this.#heard.rotate(cut);
    this.#timesForgotten += 1;
    this.#generationBegan = instantOf(this.#clock);
    if (this.#floor !== undefined && forgotten > this.#floor) this.#floor = forgotten;
  }
}
