/** The real command, as a process: with pipes, or on a terminal. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const bin = join(import.meta.dirname, '../../bin/hokusai.js');
/** As the command starts itself: saves one process. */
const FLAGS = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
const ptyHelper = join(import.meta.dirname, 'on-terminal.py');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  env?: Record<string, string>;
  /** What stands in stdin. */
  input?: string;
  cwd?: string;
  /** What to run, before its arguments. */
  program?: readonly [node: string, ...args: string[]];
}

export function hokusai(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const child = start(args, { program: [process.execPath, ...FLAGS, bin], ...options });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return ended(child);
}

/** As people start it. Its streams are the caller's to read. */
export function start(args: readonly string[], options: CommandOptions): ChildProcessWithoutNullStreams {
  const [node, ...before] = options.program ?? [process.execPath, bin];
  return spawn(node, [...before, ...args], { env: environment(options), cwd: options.cwd ?? tmpdir() });
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

export interface OnTerminal {
  /** All that was shown. */
  screen(): string;
  /** Resolves when this has been shown. Throws if the command ends first. */
  shows(part: string): Promise<void>;
  type(text: string): void;
  /** The exit code. */
  ended: Promise<number | null>;
}

export interface TerminalOptions extends CommandOptions {
  columns?: number;
  /** Takes stdout off the terminal, as `KEY=$(…)` does. */
  stdoutFile?: string;
}

/** On a pseudo-terminal of python's, since no package for it does without an install script. */
export function hokusaiOnTerminal(args: readonly string[], options: TerminalOptions = {}): OnTerminal {
  const { columns = 100, stdoutFile = '' } = options;
  const command = [ptyHelper, String(columns), stdoutFile, process.execPath, bin, ...args];
  const env = { ...environment(options), TERM: 'xterm' };
  const child = spawn('python3', command, { env, cwd: options.cwd ?? tmpdir() });
  let shown = '';
  let waiting: (() => void)[] = [];
  const wake = () => {
    for (const resume of waiting) resume();
    waiting = [];
  };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
  });
  let hasEnded = false;
  const end = once(child, 'close').then(([code]) => {
    hasEnded = true;
    wake();
    return code as number | null;
  });
  return {
    screen: () => shown,
    async shows(part) {
      while (!shown.includes(part)) {
        if (hasEnded) throw new Error(`"${part}" was never shown, but: ${shown}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    type: (keys) => void child.stdin.write(keys),
    ended: end,
  };
}

function environment({ env = {} }: CommandOptions): Record<string, string> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return { PATH, NODE_COMPILE_CACHE, HOME: '/nonexistent', ...env };
}

/** An empty folder, and its end. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'hokusai-cli-'));
  return { path, remove: () => rm(path, { recursive: true }) };
}
