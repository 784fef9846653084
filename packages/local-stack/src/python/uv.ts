/**
 * uv, the installer of everything that comes as a Python wheel: one found on the PATH, else a pinned one
 * in the home, fetched by a pip that is part of this package. A bare Debian `python3` has neither pip nor
 * venv, and the pips that are there are of all ages; a wheel of pip runs as it is, on any of them.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireFileLock } from '../os/file-lock.js';
import { type CommandOptions, runCommand } from '../os/run-command.ts';
import { which } from '../os/which.ts';
import { findPython, type Python } from './find-python.ts';
import { uvSettingsFromPip } from './index-settings.ts';

const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PIP_WHEEL = join(packageRoot, 'python', 'pip-26.3-py3-none-any.whl');
const PIP_WHEEL_SHA256 = 'f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13';
const UV_LOCK = join(packageRoot, 'locks', 'uv.txt');
/** Minor version (of 0) that knows all options used here. */
const OLDEST_UV_MINOR = 5;

export interface Uv {
  path: string;
  python: Python;
  /** Environment to run it with. */
  env: NodeJS.ProcessEnv;
}

export interface UvOptions {
  /** The private folder that uv is installed into. */
  directory: string;
  env: NodeJS.ProcessEnv;
  onProgress: (text: string) => void;
  signal: AbortSignal | undefined;
}

/** Finds or installs uv. Throws an error that says what to install when neither can be. */
export async function ensureUv({ directory, env, onProgress, signal }: UvOptions): Promise<Uv> {
  const python = await findPython(env);
  const [path, settings] = await Promise.all([
    findOrInstall(python, { directory, env, onProgress, signal }),
    uvSettings(python, env),
  ]);
  const uvEnv = { ...env, ...settings, UV_PYTHON_DOWNLOADS: 'never', UV_NO_PROGRESS: '1' };
  return { path, python, env: withCache(uvEnv, directory) };
}

async function uvSettings(python: Python, env: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  return uvSettingsFromPip(await pip(python, ['config', 'list'], { env }), env);
}

/** A user without a home directory can't have uv's usual cache. */
function withCache(env: NodeJS.ProcessEnv, directory: string): NodeJS.ProcessEnv {
  const hasUsual = env['UV_CACHE_DIR'] || env['XDG_CACHE_HOME'] || (env['HOME'] && existsSync(env['HOME']));
  return hasUsual ? env : { ...env, UV_CACHE_DIR: join(directory, 'cache') };
}

async function findOrInstall(
  python: Python,
  { directory, env, onProgress, signal }: UvOptions,
): Promise<string> {
  for (const path of which('uv', env)) if (await isRecent(path, env)) return path;
  const path = join(directory, 'bin', 'uv');
  if (isInstalled(directory)) return path;
  const release = await acquireFileLock(`${directory}.lock`);
  try {
    if (!isInstalled(directory)) {
      onProgress('fetching uv');
      await install(python, directory, { env, signal });
    }
    return path;
  } finally {
    release();
  }
}

async function isRecent(path: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    const output = await runCommand(path, ['--version'], { env });
    const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(output)?.slice(1).map(Number) ?? [];
    return major > 0 || minor >= OLDEST_UV_MINOR;
  } catch {
    return false;
  }
}

function isInstalled(directory: string): boolean {
  const stamp = join(directory, 'stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sha256(UV_LOCK);
}

async function install(python: Python, directory: string, run: RunOptions): Promise<void> {
  const partial = `${directory}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(dirname(directory), { recursive: true });
  const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-compile'];
  try {
    await pip(python, ['install', '--quiet', '--target', partial, ...options, '--requirement', UV_LOCK], run);
    writeFileSync(join(partial, 'stamp'), sha256(UV_LOCK));
    rmSync(directory, { recursive: true, force: true });
    renameSync(partial, directory);
  } catch (cause) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(
      `uv, which installs the Python packages, could not be fetched. ${(cause as Error).message}\n` +
        'Check the network, the proxy and the index that pip is configured with (PIP_INDEX_URL), or install uv ' +
        'yourself, so that it is on the PATH',
      { cause },
    );
  }
}

type RunOptions = Pick<CommandOptions, 'env' | 'signal'>;

function pip(python: Python, args: readonly string[], { env, signal }: RunOptions): Promise<string> {
  if (sha256(PIP_WHEEL) !== PIP_WHEEL_SHA256)
    throw new Error(`${PIP_WHEEL} is damaged; fetch the checkout again`);
  // Settings that forbid an install into a folder of its own are about other installs.
  const settings = { PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  return runCommand(python.path, [join(PIP_WHEEL, 'pip'), ...args], {
    ...(signal === undefined ? {} : { signal }),
    env: { ...env, ...settings, PIP_ROOT_USER_ACTION: 'ignore', PYTHONDONTWRITEBYTECODE: '1' },
  });
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
