import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidRequestError } from '../errors/errors.ts';
import { joinPath } from './paths.ts';

export interface LocalFile {
  localPath: string;
  /** Relative to the folder that was walked, with `/`. */
  path: string;
}

/** All files below a folder, by name. Symbolic links are followed to files, not to folders, which could lead in circles. */
export async function* walk(folder: string, below = ''): AsyncGenerator<LocalFile> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const localPath = join(folder, entry.name);
    const path = joinPath(below, entry.name);
    if (entry.isDirectory()) yield* walk(localPath, path);
    else if (await isFile(localPath)) yield { localPath, path };
  }
}

/** False for a link to a folder. A socket or a device has no bytes that could be sent. */
async function isFile(localPath: string): Promise<boolean> {
  const found = await stat(localPath);
  if (found.isFile() || found.isDirectory()) return found.isFile();
  throw new InvalidRequestError(`${localPath} is neither a file nor a folder.`);
}
