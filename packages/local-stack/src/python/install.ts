/** Folders filled from a lock file with hashes: a virtual environment, or just the files of some wheels. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acquireFileLock } from '../os/file-lock.js';
import { runCommand } from '../os/run-command.ts';
import type { Uv } from './uv.ts';

export interface InstallOptions {
  /** To be filled; what is there of another lock is replaced. */
  directory: string;
  /** Made by `uv pip compile --universal --generate-hashes --no-emit-index-url`. */
  lockFile: string;
  /** Called only when there is something to install. */
  uv: () => Promise<Uv>;
  onProgress: (text: string) => void;
  signal: AbortSignal | undefined;
}

/** A virtual environment with what the lock names; returns its Python. Does nothing if it is there. */
export async function ensureVirtualEnvironment(options: InstallOptions): Promise<string> {
  const python = join(options.directory, 'bin', 'python');
  await ensureFolder(options, python, async (uv, folder) => {
    // Relocatable: the folder gets its name when it is complete.
    await runUv(uv, ['venv', '--quiet', '--relocatable', '--python', uv.python.path, folder], options);
    await install(uv, ['--python', join(folder, 'bin', 'python')], options);
  });
  return python;
}

/**
 * The files of wheels that carry programs rather than Python code, so that the version of Python they were
 * tagged for doesn't matter.
 */
export async function ensureUnpacked(options: InstallOptions & { taggedForPython: string }): Promise<void> {
  await ensureFolder(options, options.directory, (uv, folder) =>
    install(
      uv,
      ['--target', folder, '--python', uv.python.path, '--python-version', options.taggedForPython],
      options,
    ),
  );
}

/** True if the folder holds what the lock file names. */
function isInstalled({ directory, lockFile }: Pick<InstallOptions, 'directory' | 'lockFile'>): boolean {
  const stamp = join(directory, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash(lockFile);
}

const STAMP = '.hokusai-lock-sha256';

function lockHash(lockFile: string): string {
  return createHash('sha256').update(readFileSync(lockFile)).digest('hex');
}

async function ensureFolder(
  options: InstallOptions,
  proof: string,
  fill: (uv: Uv, folder: string) => Promise<void>,
): Promise<void> {
  const { directory, onProgress } = options;
  // The proof is missing, say, when a virtual environment's Python has been uninstalled.
  const isComplete = () => isInstalled(options) && existsSync(proof);
  if (isComplete()) return;
  mkdirSync(dirname(directory), { recursive: true });
  const release = await acquireFileLock(`${directory}.lock`, {
    onWait: (pid) => onProgress(`waiting for process ${pid}, which is installing it`),
  });
  try {
    if (!isComplete()) await fillAside(options, fill);
  } finally {
    release();
  }
}

/** Under another name until all is there: who finds the folder finds it whole. */
async function fillAside(
  { directory, lockFile, uv }: InstallOptions,
  fill: (uv: Uv, folder: string) => Promise<void>,
): Promise<void> {
  const partial = `${directory}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    await fill(await uv(), partial);
    writeFileSync(join(partial, STAMP), lockHash(lockFile));
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

async function install(uv: Uv, target: readonly string[], options: InstallOptions): Promise<void> {
  // The lock is complete, dependencies included.
  const how = ['--require-hashes', '--only-binary', ':all:', '--no-deps'];
  await runUv(uv, ['pip', 'install', ...target, ...how, '--requirement', options.lockFile], options);
}

async function runUv(
  uv: Uv,
  args: readonly string[],
  { directory, onProgress, signal }: InstallOptions,
): Promise<void> {
  // Not in the user's folder, whose pyproject.toml or uv.toml is about something else.
  await runCommand(uv.path, args, {
    env: uv.env,
    signal,
    cwd: dirname(directory),
    onLine: (line) => progress(line, onProgress),
  });
}

/** Of uv's messages those about what takes time: `Downloading pandas (10.2MiB)`. */
function progress(line: string, onProgress: (text: string) => void): void {
  if (line.startsWith('Downloading ')) onProgress(line.replace('Downloading', 'downloading'));
}
