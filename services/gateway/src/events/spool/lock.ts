/** A lock that the operating system gives back when its holder ends, however it ends. */
import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

export interface Lock {
  release(): void;
}

/**
 * Takes the lock, or returns undefined: another process holds it, or there is no such file (which is made
 * if `create` says so). Never waits. This process must not open the file in any other way: closing it would
 * give up the lock (fcntl(2)).
 *
 * Node can't lock files, but the SQLite in it can: the lock is that of an empty database.
 */
export function tryLock(path: string, { create = false } = {}): Lock | undefined {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', create ? 'rwc' : 'rw');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(url, { timeout: 0 });
    // Without a journal of its own the database stays the only file.
    database.exec('pragma journal_mode = memory; pragma locking_mode = exclusive; begin exclusive');
    if (create) chmodSync(path, 0o600);
  } catch (error) {
    database?.close();
    if (isTakenOrMissing(error)) return undefined;
    throw error;
  }
  const held = database;
  return { release: () => held.close() };
}

/** https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_CANTOPEN = 14;

function isTakenOrMissing(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode === SQLITE_BUSY || errcode === SQLITE_CANTOPEN;
}
