/** Files that only their owner may read. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** A file that is being written beside the one that it will replace. */
export interface PendingFile {
  /** Writes the text and puts the file in its place, at once and whole. */
  commit(text: string): Promise<void>;
  /** Leaves everything as it was. Does nothing after `commit`. */
  discard(): Promise<void>;
}

/** Throws the system's error if the file could not be written: before there is anything to lose. */
export async function preparePrivateFile(path: string): Promise<PendingFile> {
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
      await rename(pending, path);
    } catch (error) {
      await discard();
      throw error;
    }
    isOpen = false;
    await file.close();
  }
  return { commit, discard };
}

/** Writes the file, at once and whole, into a folder that is made if it is missing. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const pending = await preparePrivateFile(path);
  await pending.commit(text);
}

/** Whether others than the owner may read or change a file of this mode. */
export function isOpenToOthers(mode: number): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0;
}
