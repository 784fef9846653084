/** What is registered from this machine: a folder with all that is in it, or one file. */
import { readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CallOptions, RunArtifacts } from '@hokusai/ml-platform';
import type { Context } from '../../context.ts';
import { Failure, systemCode } from '../../failure.ts';
import { bytes, count } from '../../output/quantities.ts';
import { progressOf } from '../progress.ts';

export interface LocalModel {
  path: string;
  isFolder: boolean;
}

/** Throws `usage` if there is nothing at the path. */
export async function localModel(given: string): Promise<LocalModel> {
  const path = resolve(given);
  try {
    const isFolder = (await stat(path)).isDirectory();
    if (!isFolder || (await holdsFiles(path))) return { path, isFolder };
  } catch (cause) {
    throw new Failure('usage', `${given} can't be read (${systemCode(cause) ?? 'unknown cause'}).`, {
      cause,
    });
  }
  throw new Failure('usage', `There are no files in ${given}.`);
}

async function holdsFiles(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.some((entry) => !entry.isDirectory());
}

/** Uploads it below `artifactPath` of a run, and tells how far that is. */
export async function upload(
  { terminal, now }: Context,
  artifacts: RunArtifacts,
  { path, isFolder }: LocalModel,
  artifactPath: string,
  call: CallOptions,
): Promise<void> {
  const progress = progressOf(terminal, now);
  const options = {
    ...call,
    onProgress: (file: { path: string; transferred: number }) =>
      progress.tell(() => `${file.path}: ${bytes(file.transferred)} …`),
  };
  try {
    const files = isFolder
      ? await artifacts.uploadFolder(path, artifactPath, options)
      : [await artifacts.uploadFile(path, artifactPath, options)];
    const size = files.reduce((sum, file) => sum + file.size, 0);
    progress.end();
    terminal.note(
      `Uploaded ${count(files.length)} ${files.length === 1 ? 'file' : 'files'}, ${bytes(size)}.`,
    );
  } finally {
    progress.end();
  }
}
