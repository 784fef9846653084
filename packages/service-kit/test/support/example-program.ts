/** A documented program, as a process whose lines are looked at while it runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '@hokusai/testing';

export interface Program {
  /** Lines of stdout so far. */
  lines: readonly string[];
  /** Of stderr. */
  said: readonly string[];
  /** Resolves when it has said this. */
  says(text: string): Promise<void>;
  /** Ends it in order (or otherwise); resolves with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Its exit code, when it ends by itself. */
  ended: Promise<number | null>;
}

export function startProgram(
  command: readonly [string, ...string[]],
  env: Record<string, string | undefined>,
): Program {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const said: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  createInterface(child.stderr).on('line', (line) => said.push(line));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    lines,
    said,
    ended,
    says: (text) =>
      eventually(
        () => {
          if (!said.some((line) => line.includes(text)))
            throw new Error(`it did not say "${text}" but: ${said.join('\n')}`);
        },
        { timeoutMs: 60_000 },
      ),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}
