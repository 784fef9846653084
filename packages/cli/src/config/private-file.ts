/** Files that only their owner may read. */
import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, mkdir, open, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from '../failure.ts';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** A file that is being written beside the one that it will replace. */
export interface PendingFile {
  /** Writes a part of what is too long to be held in memory. */
  write(part: string): Promise<void>;
  /** Writes the (rest of the) text and puts the file in its place, at once and whole. */
  commit(text: string): Promise<void>;
  /** Leaves everything as it was. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** Something stands where the file should be that a file must not replace: a device is one for all. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
  /** With its article, e.g. `a device`. */
  readonly what: string;

  constructor(path: string, what: string) {
    super(`${path} is ${what}`);
    this.what = what;
  }
}

/**
 * Throws NotAFile, or the system's error if the file could not be written: before there is anything to lose.
 */
export async function preparePrivateFile(path: string): Promise<PendingFile> {
  await requireFileOrNothing(path);
  const pending = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  const file = await open(pending, 'wx', OWNER_ONLY_FILE);
  let isOpen = true;
  async function discard() {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
    await rm(pending, { force: true });
  }
  async function commit(text: string) {
    try {
      await file.writeFile(text);
      await file.sync();
      // Time has passed, and a renaming asks nobody.
      await requireFileOrNothing(path);
      await rename(pending, path);
    } catch (error) {
      await discard();
      throw error;
    }
    isOpen = false;
    await file.close();
  }
  return { write: (part) => file.writeFile(part), commit, discard };
}

/** As `preparePrivateFile`, in a folder that is made if it is missing. */
export async function preparePrivateFolderAndFile(path: string): Promise<PendingFile> {
  await makeFolders(dirname(path));
  return preparePrivateFile(path);
}

/** One by one: Node's own `recursive` goes on for ever where none can be made, as below /proc. */
async function makeFolders(path: string): Promise<void> {
  if (await makeFolder(path)) return;
  await makeFolders(dirname(path));
  if (!(await makeFolder(path))) throw Object.assign(new Error(`no folder ${path}`), { code: 'ENOENT' });
}

/** False if the folder that it would stand in is missing. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: OWNER_ONLY_FOLDER });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return false;
    if (code !== 'EEXIST') throw error;
  }
  return true;
}

/** Throws NotAFile for all but plain files and nothing. Links count as such, wherever they lead. */
async function requireFileOrNothing(path: string): Promise<void> {
  const status = await unlessMissing(lstat(path));
  if (status === null || status.isFile()) return;
  throw new NotAFile(path, status.isSymbolicLink() ? await linkText(path) : kindOf(status));
}

async function linkText(path: string): Promise<string> {
  const target = await unlessMissing(stat(path));
  if (target !== null && !target.isFile()) return `a link to ${kindOf(target)}`;
  return `a link to ${resolve(dirname(path), await readlink(path))}`;
}

/** What stands at a path, for people. */
export function kindOf(status: Stats): string {
  if (status.isFile()) return 'a file';
  if (status.isDirectory()) return 'a folder';
  if (status.isFIFO()) return 'a pipe';
  return status.isSocket() ? 'a socket' : 'a device';
}

async function unlessMissing<Value>(promise: Promise<Value>): Promise<Value | null> {
  try {
    return await promise;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether others than the owner may read or change a file of this mode. */
export function isOpenToOthers(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}
