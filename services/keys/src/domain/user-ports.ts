/** What the use cases about users need from storage. */
import type { KeyReader, KeyTransaction } from './ports.ts';
import type { NewUser, User, UserSettings } from './user.ts';
import type { UserListQuery } from './user-listing.ts';

export interface UserReader extends KeyReader {
  /** An id that is no UUID or of no user is simply not found. */
  readUser(id: string): Promise<User | null>;
}

/** Everything that one change does, all of it or nothing. */
export interface UserTransaction extends KeyTransaction, UserReader {
  /** Throws `conflict` with the reason `external_id_taken` if another user has the external id. */
  insertUser(user: NewUser): Promise<User>;
  /**
   * Changes a user whom this transaction has locked. All of their keys that are active rise to a new
   * version, and followers hear of each.
   */
  updateUser(id: string, settings: UserSettings): Promise<User>;
}

/** All methods throw `unavailable` while the database can't be reached. */
export interface UserStore extends UserReader {
  /** At most one more than the limit, newest first. */
  listUsers(query: UserListQuery): Promise<User[]>;
  /** Runs `work` again if it lost against another transaction: it must change nothing but the database. */
  transaction<Result>(work: (tx: UserTransaction) => Promise<Result>): Promise<Result>;
}
