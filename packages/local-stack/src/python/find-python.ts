import { runCommand } from '../os/run-command.ts';
import { which } from '../os/which.ts';

export interface Python {
  path: string;
  /** Major and minor, such as `3.11`. */
  version: string;
}

const OLDEST_MINOR = 10;
const NAMES = ['python3', 'python', ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`)];
const PROBE = 'import sys; print(sys.implementation.name, *sys.version_info[:2])';

/** The first CPython from 3.10 on: `HOKUSAI_PYTHON`, else by its usual names on the PATH. */
export async function findPython(env: NodeJS.ProcessEnv): Promise<Python> {
  const chosen = env['HOKUSAI_PYTHON'];
  const candidates = chosen ? [chosen] : NAMES.flatMap((name) => which(name, env));
  const tooOld: string[] = [];
  for (const path of candidates) {
    const found = await probe(path, env);
    if (found?.isUsable) return { path, version: found.version };
    if (found) tooOld.push(`${path} is ${found.name} ${found.version}`);
  }
  const seen = tooOld.length > 0 ? ` (${tooOld.join(', ')})` : '';
  throw new Error(
    `there is no Python 3.${OLDEST_MINOR} or later${chosen ? ` at HOKUSAI_PYTHON=${chosen}` : ' on the PATH'}${seen}. ` +
      'Install one (Debian, Ubuntu: apt install python3; macOS: brew install python), or name it in HOKUSAI_PYTHON',
  );
}

async function probe(path: string, env: NodeJS.ProcessEnv) {
  try {
    const [name, major, minor] = (await runCommand(path, ['-I', '-c', PROBE], { env })).trim().split(' ');
    const isUsable = name === 'cpython' && major === '3' && Number(minor) >= OLDEST_MINOR;
    return { name, version: `${major}.${minor}`, isUsable };
  } catch {
    // A shim of a version manager may name a Python that isn't installed.
    return undefined;
  }
}
