/** What the use cases need from storage, without knowing how it is done. */
import type { NewKey, Ownership } from './create-key.ts';
import type { Digest } from './digest.ts';
import type { Key, OwnedKey } from './key.ts';
import type { ListQuery } from './listing.ts';
import type { ReadPoint } from './read-point.ts';
import type { RevocationPoint } from './receipt.ts';
import type { StoredSecret } from './secret.ts';
import type { KeySettings } from './update-key.ts';

/** An event on its way to the broker. */
export interface OutboxEvent {
  /** UUID. */
  id: string;
  subject: string;
  /** JSON. */
  payload: string;
}

/** Keys read in one snapshot. */
export interface ReadKeys {
  /** The database's clock at the read. */
  now: Date;
  get(id: string): OwnedKey | null;
}

/** A secret as it is stored for the first time. */
export interface NewSecret extends Digest {
  keyPrefix: string;
  hash: string;
}

/** For management. All methods throw `unavailable` while the database can't be reached. */
export interface KeyReader {
  /** Ids that are no UUIDs or of no key are simply not found. */
  readKeys(ids: readonly string[]): Promise<ReadKeys>;
  /** Counts a member's working keys up to `countLimit`; null if there is no such user. */
  readOwnership(userId: string, countLimit: number): Promise<Ownership | null>;
}

/** Everything that one change does, all of it or nothing. */
export interface KeyTransaction extends KeyReader {
  /**
   * Keeps users from being changed, and others from creating keys for them, until the end. Users are
   * locked before keys, by everyone, or two transactions could wait for each other. Ids of nobody are
   * passed over.
   */
  lockUsers(ids: readonly string[]): Promise<void>;
  /** Keeps a key from being changed until the end; others may do so at the same time. */
  shareKey(id: string): Promise<void>;
  /** Locks a key for a change. */
  lockKey(id: string): Promise<void>;
  /** The keys that a key created, and those that they created, and so on, whether or not they work. */
  descendantsOf(id: string): Promise<string[]>;
  /** Locks for a change those of `ids` that are active. */
  lockActiveKeys(ids: readonly string[]): Promise<{ id: string; userId: string }[]>;
  /** Throws `conflict` with the reason `prefix_taken` if another secret has the prefix. */
  insertKey(id: string, key: NewKey, secret: NewSecret): Promise<void>;
  /** Changes settings of a key that this transaction has locked. */
  updateKey(id: string, changes: Partial<KeySettings>): Promise<void>;
  /**
   * Gives a key that this transaction has locked a new secret. The one before is kept as retired, with its
   * last use. Throws `conflict` with the reason `prefix_taken` if another secret has the prefix.
   */
  rotateKey(id: string, secret: NewSecret, grace: { retiredAt: Date; validUntil: Date }): Promise<void>;
  /** Lets a retired secret of a key that this transaction has locked be accepted until `at` at the latest. */
  endRetiredSecret(id: string, keyPrefix: string, at: Date): Promise<void>;
  /** Revokes those that are not revoked yet; answers their ids. */
  revokeKeys(ids: readonly string[], reason: string | null): Promise<string[]>;
  /** Where the last change of any of these keys stands, those of this transaction included. To be asked last. */
  lastChange(ids: readonly string[]): Promise<Omit<RevocationPoint, 'revokedBeforeAt'>>;
  addEvents(events: readonly OutboxEvent[]): Promise<void>;
  /** Adds an event that is sent after `holdMs`, so that more of its kind may be counted with it until then. */
  holdEvent(event: OutboxEvent, holdMs: number): Promise<void>;
  /**
   * Counts an event with the one of its kind that is held under `heldId`, which says from now on what the later one
   * says. False if that is not held any more: then nothing was done.
   */
  countWithHeld(heldId: string, event: OutboxEvent): Promise<boolean>;
  /** False at once if another transaction holds it. */
  lockRepetition(callerKeyId: string, hash: Buffer): Promise<boolean>;
  /** null if there is none, or it is too old. */
  findAnswer(callerKeyId: string, hash: Buffer): Promise<{ fingerprint: Buffer; sealed: Buffer } | null>;
  rememberAnswer(answer: SealedAnswer): Promise<void>;
}

/** The answer to a request that may be repeated. */
export interface SealedAnswer {
  callerKeyId: string;
  hash: Buffer;
  fingerprint: Buffer;
  sealed: Buffer;
  ttlMs: number;
}

export interface KeyStore extends KeyReader {
  /** At most one more than the limit, newest first. */
  listKeys(query: ListQuery): Promise<Key[]>;
  /** Runs `work` again if it lost against another transaction: it must change nothing but the database. */
  transaction<Result>(work: (tx: KeyTransaction) => Promise<Result>): Promise<Result>;
}

export interface StateAnswer {
  read: ReadPoint;
  /** null if there is no such key. */
  found: OwnedKey | null;
}

export interface SecretAnswer extends StateAnswer {
  /** The secret with the prefix, current or retired; null if there is none. */
  secret: StoredSecret | null;
}

/** For gateways: each method is one statement, so that answer and read point belong together. */
export interface StateReader {
  readState(keyId: string): Promise<StateAnswer>;
  /** null as prefix reads the read point only. */
  readSecret(keyPrefix: string | null): Promise<SecretAnswer>;
}
