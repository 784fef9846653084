/** The folder that holds all state of a local stack, and its file of generated URLs and secrets. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

export interface Home {
  directory: string;
  /** `NAME=value` lines, readable by the owner only. */
  envFile: string;
  adminKeyFile: string;
  lockFile: string;
  runDirectory: string;
  /** Creates it. */
  dataDirectory(name: string): string;
  logFile(name: string): string;
}

/** Nobody else may look in. As root, Postgres runs as another user, who must get through to its own folder. */
const PRIVATE = 0o700;
const PASSABLE = process.geteuid?.() === 0 ? 0o711 : PRIVATE;

/** Creates what is missing. Throws an error that says so if the folder can't be written. */
export function openHome(directory: string): Home {
  const home = homeAt(directory);
  try {
    // A folder that was there before keeps its mode: it may hold other things too.
    mkdirSync(directory, { recursive: true, mode: PASSABLE });
    makeFolder(join(directory, 'data'), PASSABLE);
    makeFolder(join(directory, 'run'), PRIVATE);
    makeFolder(join(directory, 'log'), PRIVATE);
    accessSync(directory, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `can't write to ${directory} (${code}); set HOKUSAI_HOME to a folder that you may write`,
      { cause },
    );
  }
  return home;
}

function makeFolder(path: string, mode: number): string {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
  return path;
}

export function homeAt(directory: string): Home {
  return {
    directory,
    envFile: join(directory, 'env'),
    adminKeyFile: join(directory, 'admin.key'),
    lockFile: join(directory, 'run', 'supervisor.lock'),
    runDirectory: join(directory, 'run'),
    dataDirectory: (name) =>
      makeFolder(join(directory, 'data', name), name === 'postgres' ? PASSABLE : PRIVATE),
    logFile: (name) => join(directory, 'log', `${name}.log`),
  };
}

/** What the last start wrote; nothing if there was none. */
export function readEnvFile(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  return parseEnv(readFileSync(path, 'utf8')) as Record<string, string>;
}

export function writeEnvFile(path: string, values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quote(value)}`);
  const text = [`# Written by \`npm start\`. In a shell: set -a; . '${path}'; set +a`, ...lines, ''].join(
    '\n',
  );
  const draft = `${path}.partial`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

/** Nothing that a shell would act on: such values are refused when they are given. */
function quote(value: string): string {
  return /^[\w@%+=:,./~-]*$/.test(value) ? value : `'${value}'`;
}

const LOG_LIMIT_BYTES = 20 * 1024 ** 2;

/** Begins a new log when the present one is large; one former log is kept. */
export function rotateLog(path: string): void {
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
}
