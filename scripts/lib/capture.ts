import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Captured {
  /** Null if a signal ended it. */
  exitCode: number | null;
  /** Standard output and standard error, in the order they came. */
  output: string;
  elapsedMs: number;
}

/** Runs a Node script without standard input and gathers what it prints. */
export async function captureNode(
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Captured> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output: output.trimEnd(), elapsedMs: performance.now() - startedMs };
}
