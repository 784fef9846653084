/** A file that holds one key and nothing else, for its owner's eyes only. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseKey } from '@hokusai/key-format';
import type { KeyDraft } from '../domain/bootstrap-ports.ts';

/** Says what is wrong with a path that can't be written, and what to do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

/**
 * Writes the key and a line break, mode 0600, beside the file, and makes it durable. Throws KeyFileError for a
 * file that holds something else than a key, since the path must be wrong, and for a path that can't be written.
 */
export async function draftKeyFile(path: string, key: string): Promise<KeyDraft> {
  const target = resolve(path);
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}`);
  await write(draft, target, key).catch(explained(`can't write ${target}`));
  return {
    path: draft,
    publish: () => publish(draft, target).catch(explained(`the key is in ${draft}: can't write ${target}`)),
    discard: () => rm(draft, { force: true }),
  };
}

function explained(what: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    if (cause.code === undefined) throw cause;
    throw new KeyFileError(`${what} (${cause.code}): ${PROBLEMS[cause.code] ?? cause.message}`, { cause });
  };
}

const PROBLEMS: Partial<Record<string, string>> = {
  ENOENT: 'its folder does not exist; create it, or name another file',
  ENOTDIR: 'a part of the path is a file; name another one',
  EISDIR: 'it is a folder; name a file in it',
  EACCES: 'you may not write there; name another file, or become who may',
  EPERM: 'you may not write there; name another file, or become who may',
  EROFS: 'that file system is read-only; name another file',
  ENOSPC: 'no space is left there; name another file',
};

async function write(draft: string, target: string, key: string): Promise<void> {
  if (!(await isReplaceable(target))) {
    throw new KeyFileError(`${target} holds something else than a key: name another file, or remove it`);
  }
  await rm(draft, { force: true });
  try {
    await writeDurably(draft, `${key}\n`);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function publish(draft: string, target: string): Promise<void> {
  await rename(draft, target);
  await syncDirectory(dirname(target));
}

async function isReplaceable(path: string): Promise<boolean> {
  try {
    const content = (await readFile(path, 'utf8')).trim();
    return content === '' || parseKey(content).problem === undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
