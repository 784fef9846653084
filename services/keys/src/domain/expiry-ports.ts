/** What the sweep of expiries needs from storage, without knowing how it is done. */
import type { KeyTransaction } from './ports.ts';

export interface ExpiryTransaction extends Pick<KeyTransaction, 'readKeys' | 'addEvents'> {
  /**
   * Locks keys for which a step is due by the database's clock, the longest due first; answers their ids.
   * Those that somebody is changing are left for the next time.
   */
  takeDue(limit: number): Promise<string[]>;
  deactivateKeys(ids: readonly string[]): Promise<void>;
  /** Sets when the next step is due. */
  scheduleSteps(steps: readonly { keyId: string; dueAt: Date }[]): Promise<void>;
}

/** All methods throw `unavailable` while the database can't be reached. */
export interface ExpiryStore {
  /** Runs `work` in a transaction, one at a time among all replicas; null at once if another is at it. */
  ifAlone<Result>(work: (tx: ExpiryTransaction) => Promise<Result>): Promise<Result | null>;
  /** Removes retired secrets whose time of acceptance ended so long ago, `limit` at most; answers how many. */
  purgeRetiredSecrets(endedMs: number, limit: number): Promise<number>;
}
