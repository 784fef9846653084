import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadOutcome, LoadSettings } from './load.ts';

/** Runs load.ts in a process of its own. `isNice`: it takes only what nothing else wants of its core. */
export async function runLoad(settings: LoadSettings, { isNice = false } = {}): Promise<LoadOutcome> {
  const script = join(import.meta.dirname, 'load.ts');
  const nice = isNice ? ['nice', '-n', '19'] : [];
  const [command = '', ...args] = [...nice, process.execPath, script, JSON.stringify(settings)];
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as LoadOutcome;
}
