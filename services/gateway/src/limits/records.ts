/** What this process knows of the limits of keys and their owners. */
import { LRUCache } from 'lru-cache';
import type { Instant } from '../domain/elapsed.ts';
import type { KeyState } from '../domain/key-state.ts';
import {
  type LossPolicy,
  type Policies,
  policiesOf,
  type Reading,
  type Standing,
} from '../domain/rate-limits.ts';
import type { SlidingWindow, WindowShape } from '../domain/sliding-window.ts';
import { recordNames } from './script.ts';

/** Requests of one key that are decided together. */
export interface Batch {
  record: KeyRecord;
  policies: Policies;
  /** Those who sent them, in the order in which they came: told when it is decided. */
  waiting: ((standing: Standing) => void)[];
}

export interface Outcome {
  /** The first so many. */
  admitted: number;
  reading: Reading;
  /** By what it was decided instead of by Redis. */
  substitute: LossPolicy | undefined;
}

/** A refusal holds until there is more to use: refused requests are not charged. */
export interface Memo {
  standing: Standing;
  since: Instant;
  forMs: number;
}

/** What of a limit may be admitted here during an outage. */
export interface LocalLimit {
  /** The outage's number. */
  outage: number;
  limit: number;
  shape: WindowShape;
  share: number;
  /** What was admitted here, in this outage and in others. */
  window: SlidingWindow;
  /** What of the share was used up before this outage, as far as the window doesn't say so; absent if nothing was. */
  aside: SlidingWindow | undefined;
  /** When Redis said what `aside` follows from, monotonic. */
  heardAtMs: number;
}

/** What was admitted without Redis, and is not charged yet. */
export interface Debt {
  hour: SlidingWindow;
  burst: SlidingWindow;
  /** A call that charges it is under way. */
  isSent: boolean;
}

export interface OwnerRecord {
  /** Of its limit, during an outage. */
  share: LocalLimit | undefined;
}

export class KeyRecord {
  readonly owner: OwnerRecord;
  readonly keyName: string;
  readonly userName: string;
  state: KeyState;
  policies: Policies;
  /** Gathers requests until the end of this turn of the event loop. */
  batch: Batch | undefined;
  memo: Memo | undefined;
  /** Redis's last answer. */
  reading: Reading | undefined;
  /** When this process last charged it, monotonic. */
  chargedAtMs = Number.NEGATIVE_INFINITY;
  readonly shares: { hour?: LocalLimit; burst?: LocalLimit } = {};
  /** Admitted without Redis and not charged yet. */
  debt: Debt | undefined;

  constructor(state: KeyState, owner: OwnerRecord) {
    this.state = state;
    this.owner = owner;
    this.policies = policiesOf(state);
    const { key, user } = recordNames(state.owner.userId, state.keyId);
    this.keyName = key;
    this.userName = user;
  }

  /** Takes over a newer state: what was refused under the former one may be allowed now. */
  adopt(state: KeyState): void {
    const isChanged = state.version !== this.state.version;
    this.state = state;
    if (!isChanged) return;
    this.policies = policiesOf(state);
    this.memo = undefined;
  }
}

export class Records {
  readonly #keys: LRUCache<string, KeyRecord>;
  readonly #owners: LRUCache<string, OwnerRecord>;

  constructor(max: number) {
    this.#keys = new LRUCache({ max });
    this.#owners = new LRUCache({ max });
  }

  /** Of the key in that state, or in a newer one that was seen before. */
  of(state: KeyState): KeyRecord {
    const record = this.#keys.get(state.keyId);
    if (record === undefined) return this.#add(state);
    if (record.state !== state && state.version >= record.state.version) record.adopt(state);
    return record;
  }

  peek(keyId: string): KeyRecord | undefined {
    return this.#keys.peek(keyId);
  }

  forgetRefusals(): void {
    for (const record of this.#keys.values()) record.memo = undefined;
  }

  #add(state: KeyState): KeyRecord {
    const { userId } = state.owner;
    let owner = this.#owners.get(userId);
    if (owner === undefined) {
      owner = { share: undefined };
      this.#owners.set(userId, owner);
    }
    const record = new KeyRecord(state, owner);
    this.#keys.set(state.keyId, record);
    return record;
  }
}
