/** What this process remembers of keys, bounded in entries. No key is in it, only digests of keys. */
import { LRUCache } from 'lru-cache';
import { type Clock, elapsedMs, type Instant, instantOf } from '../domain/elapsed.ts';
import type { KeyState, Proof } from '../domain/key-state.ts';

export interface L1Settings {
  /** Bound of the proofs, of the states and of the negative answers, each. */
  maxEntries: number;
  /** How long an unknown key is taken to be unknown. */
  negativeTtlMs: number;
}

export interface HeldState {
  state: KeyState;
  /** When a request last used it as trusted; undefined if none has. */
  trustedAt: Instant | undefined;
}

export class L1 {
  readonly #settings: L1Settings;
  readonly #clock: Clock;
  readonly #proofs: LRUCache<string, Proof>;
  readonly #states: LRUCache<string, HeldState>;
  /** Apart from the proofs, so that a flood of invented keys displaces no genuine one. */
  readonly #unknown: LRUCache<string, Instant>;

  constructor(settings: L1Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#proofs = new LRUCache({ max: settings.maxEntries });
    this.#states = new LRUCache({ max: settings.maxEntries });
    this.#unknown = new LRUCache({ max: settings.maxEntries });
  }

  proof(digest: string): Proof | undefined {
    return this.#proofs.get(digest);
  }

  learn(digest: string, proof: Proof): void {
    this.#proofs.set(digest, proof);
    this.#unknown.delete(digest);
  }

  /** True for a short while after `learnUnknown`. */
  isUnknown(digest: string): boolean {
    const learntAt = this.#unknown.get(digest);
    if (learntAt === undefined) return false;
    if (elapsedMs(learntAt, this.#clock) < this.#settings.negativeTtlMs) return true;
    this.#unknown.delete(digest);
    return false;
  }

  learnUnknown(digest: string): void {
    this.#proofs.delete(digest);
    this.#unknown.set(digest, instantOf(this.#clock));
  }

  held(keyId: string): HeldState | undefined {
    return this.#states.get(keyId);
  }

  /** Keeps a state, unless a newer one is there: answers may overtake each other. */
  keep(state: KeyState): void {
    const held = this.#states.get(state.keyId);
    if (held && isNewer(held.state, state)) return;
    // The same version says the same: trust in it was trust in this one.
    const isSame = held?.state.read.epoch === state.read.epoch && held.state.version === state.version;
    this.#states.set(state.keyId, { state, trustedAt: isSame ? held.trustedAt : undefined });
  }

  /** Drops the state of a key if it is older than the version; its proofs stay. */
  drop(keyId: string, version: bigint): void {
    const held = this.#states.peek(keyId);
    if (held && held.state.version < version) this.#states.delete(keyId);
  }

  /** Drops all states and negative answers; proofs stay. */
  dropAll(): void {
    this.#states.clear();
    this.#unknown.clear();
  }

  sizes(): { proofs: number; states: number; unknown: number } {
    return { proofs: this.#proofs.size, states: this.#states.size, unknown: this.#unknown.size };
  }
}

/** Versions compare within one history of the database only. */
function isNewer(held: KeyState, other: KeyState): boolean {
  if (held.read.epoch !== other.read.epoch) return false;
  if (held.version !== other.version) return held.version > other.version;
  return held.read.cut > other.read.cut;
}
