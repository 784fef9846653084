/**
 * A gateway of the model: it trusts by the rule that gateways trust by, and goes on for a grace when it hears
 * nothing. Its network delivers when it is told to.
 */
import { Follower, type Ping, type Position, type Reset, type Tick } from '../../../src/follow/follower.ts';
import type { Entry, ModelDatabase } from './database.ts';

export const STALE_MS = 5000;
export const GRACE_MS = 10_000;

export interface ModelStream {
  follower: Follower;
  replica: number;
  toServer: (Ping | 'leave')[];
  toGateway: (Tick | Reset)[];
  /** The replica has received the goodbye. */
  hasLeft: boolean;
}

interface Held {
  entry: Entry;
  trustedAtMs: number | undefined;
}

export class ModelGateway {
  readonly incarnation: string;
  readonly #nowMs: () => number;
  /** What all gateways write to, and nobody empties. */
  readonly #shared: Map<string, Entry>;
  stream: ModelStream | undefined;
  #isGone = false;
  #pingNumber = 0n;
  #lastTick = 0n;
  readonly #pings = new Map<bigint, number>();
  readonly #heard = new Map<string, bigint>();
  readonly #held = new Map<string, Held>();
  #position: Position | undefined;
  /** Where the last look ended that was told whole. */
  #lookEnd: Position | undefined;
  #floor: bigint | undefined;
  #echoedSentAtMs: number | undefined;
  #reading: { key: string; entry: Entry } | undefined;

  constructor(incarnation: string, nowMs: () => number, shared: Map<string, Entry>) {
    this.incarnation = incarnation;
    this.#nowMs = nowMs;
    this.#shared = shared;
  }

  connect(replica: number): ModelStream | undefined {
    if (this.#isGone) return undefined;
    this.#pings.clear();
    this.#lastTick = 0n;
    this.#position = this.#lookEnd;
    const follower = new Follower({
      ...{ incarnation: this.incarnation, gateway: 'g', trustMs: STALE_MS + GRACE_MS },
      resumeAfter: this.#lookEnd,
    });
    this.stream = { follower, replica, toServer: [], toGateway: [], hasLeft: false };
    return this.stream;
  }

  ping(): void {
    if (this.#isGone) return;
    this.#pingNumber += 1n;
    this.#pings.set(this.#pingNumber, this.#nowMs());
    const appliedCut = this.#lastTick === 0n ? 0n : (this.#position?.cut ?? 0n);
    this.stream?.toServer.push({ number: this.#pingNumber, applied: this.#lastTick, appliedCut });
  }

  /** It says goodbye; from then on it trusts nothing. */
  leave(): void {
    this.#isGone = true;
    this.#forget();
    this.stream?.toServer.push('leave');
  }

  deliver(): void {
    const message = this.stream?.toGateway.shift();
    if (this.#isGone) return;
    if (message?.kind === 'reset') this.#forget();
    if (message?.kind === 'tick') this.#apply(message);
  }

  /** A question to the database, whose answer arrives with the next call. */
  read(key: string, database: ModelDatabase): void {
    const reading = this.#reading;
    this.#reading = reading ? undefined : { key, entry: database.read(key) };
    if (!reading || this.#hasHeardNewer(reading)) return;
    this.#shared.set(reading.key, reading.entry);
    const held = this.#held.get(reading.key);
    const isSame = held?.entry.epoch === reading.entry.epoch && held.entry.version === reading.entry.version;
    const trustedAtMs = isSame ? held.trustedAtMs : undefined;
    this.#held.set(reading.key, { entry: reading.entry, trustedAtMs });
  }

  /** The version by which a request is let in without a question; undefined if there is none. */
  serve(key: string): { version: bigint; isGrace: boolean } | undefined {
    if (this.#isGone) return undefined;
    const shared = this.#shared.get(key);
    if (!this.#held.has(key) && shared) this.#held.set(key, { entry: shared, trustedAtMs: undefined });
    const held = this.#held.get(key);
    if (!held || this.#isDistrusted(key, held.entry)) return undefined;
    const nowMs = this.#nowMs();
    if (nowMs - (this.#echoedSentAtMs ?? Number.NEGATIVE_INFINITY) <= STALE_MS) {
      held.trustedAtMs = nowMs;
      return { version: held.entry.version, isGrace: false };
    }
    const isInGrace = held.trustedAtMs !== undefined && nowMs - held.trustedAtMs <= GRACE_MS;
    return isInGrace ? { version: held.entry.version, isGrace: true } : undefined;
  }

  #isDistrusted(key: string, entry: Entry): boolean {
    if (this.#floor === undefined || entry.cut < this.#floor) return true;
    return entry.epoch !== this.#position?.epoch || this.#hasHeardNewer({ key, entry });
  }

  #hasHeardNewer({ key, entry }: { key: string; entry: Entry }): boolean {
    return entry.version < (this.#heard.get(key) ?? 0n);
  }

  #apply(tick: Tick): void {
    const position = this.#position;
    if (position && (tick.epoch !== position.epoch || tick.cut < position.cut)) this.#forget();
    this.#lastTick = tick.number;
    this.#position = { epoch: tick.epoch, cut: tick.cut };
    for (const { keyId, version } of tick.changes) {
      if (version > (this.#heard.get(keyId) ?? -1n)) this.#heard.set(keyId, version);
      const held = this.#held.get(keyId);
      if (held && held.entry.version < version) this.#held.delete(keyId);
    }
    const sentAtMs = this.#pings.get(tick.echo);
    if (sentAtMs !== undefined) {
      this.#pings.delete(tick.echo);
      this.#echoedSentAtMs = sentAtMs;
      this.#lookEnd = this.#position;
      this.#floor ??= tick.cut;
    }
    if (tick.changes.length > 0) this.ping();
  }

  #forget(): void {
    this.#held.clear();
    this.#heard.clear();
    this.#pings.clear();
    this.#floor = undefined;
    this.#echoedSentAtMs = undefined;
    this.#position = undefined;
    this.#lookEnd = undefined;
  }
}
