import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { home, root } from './config.ts';
import { toolbox } from './toolbox.ts';

/**
 * Path of a Python with just what a lock file names (relative to the checkout; made by `uv pip compile
 * --universal --generate-hashes --no-emit-index-url`). It is kept for the next run, by the lock's content.
 */
export async function pythonEnvironment(lockFile: string): Promise<string> {
  const path = resolve(root, lockFile);
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
  return await toolbox.pythonWith(path, join(home, 'python', hash));
}
