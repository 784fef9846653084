/** Child processes that run for long: started with a log, awaited, signalled with all their descendants. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  name: string;
  pid: number;
  logFile: string;
  /** Size that the log had before; what it holds beyond is this process's. */
  logBegin: number;
  /** Resolves when it has ended, however. */
  exited: Promise<Exit>;
  /** Its end, if it has ended. */
  exit(): Exit | undefined;
}

export interface ProcessOptions {
  /** For messages. */
  name: string;
  command: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Takes stdout and stderr; appended to. */
  logFile: string;
  cwd?: string;
  /** Text for its stdin; without it stdin is empty. */
  input?: string;
  uid?: number;
  gid?: number;
}

/**
 * Starts a process in a group of its own: a Ctrl-C on the terminal reaches only the one who started it,
 * who then ends the others in order. Rejects when it can't be started.
 */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const log = openSync(options.logFile, 'a', 0o600);
  const logBegin = fstatSync(log).size;
  try {
    const child = spawn(options.command, options.args, {
      env: options.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', log, log],
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    await hasStarted(child, options);
    return track(child, options, logBegin);
  } finally {
    closeSync(log);
  }
}

function hasStarted(child: ChildProcess, { name, command }: ProcessOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(new Error(`${name}: ${command} could not be started: ${cause.message}`, { cause }));
    });
  });
}

function track(child: ChildProcess, options: ProcessOptions, logBegin: number): RunningProcess {
  const { name, logFile, input } = options;
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
  });
  // It may end without reading what it is given; its exit tells more than that error.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return { name, pid: child.pid as number, logFile, logBegin, exited, exit: () => exit };
}

/** Sends a signal; a process that has ended is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Sends a signal to a process and all its descendants, parents first. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const member of [pid, ...descendants(pid)]) sendSignal(member, signal);
}

function descendants(pid: number): number[] {
  const children = childrenByParent();
  const found: number[] = [];
  const queue = [pid];
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    found.push(...(children.get(parent) ?? []));
    queue.push(...(children.get(parent) ?? []));
  }
  return found;
}

/** From /proc, as far as it is there (Linux); elsewhere a tree is its root. */
function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

function allPids(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc(5): the fields after the command, which stands in parentheses, are state and parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Ends a process with `signal` and, when that takes longer than `limitMs`, its whole tree with SIGKILL. */
export async function stopProcess(
  running: RunningProcess,
  { signal, limitMs }: { signal: NodeJS.Signals; limitMs: number },
): Promise<Exit> {
  const ended = running.exit();
  if (ended) return ended;
  sendSignal(running.pid, signal);
  const timer = setTimeout(() => signalTree(running.pid, 'SIGKILL'), limitMs);
  try {
    return await running.exited;
  } finally {
    clearTimeout(timer);
  }
}

const SHOWN_LINES = 15;
const SHOWN_LINE_LENGTH = 400;

/** All that a process has printed. */
export function logOf({ logFile, logBegin }: Pick<RunningProcess, 'logFile' | 'logBegin'>): string {
  try {
    return readFileSync(logFile).subarray(logBegin).toString('utf8');
  } catch {
    return '';
  }
}

/** The last lines of what a process has printed, indented, for a message about its end. */
export function lastLines(running: Pick<RunningProcess, 'logFile' | 'logBegin'>): string {
  const lines = logOf(running).trimEnd().split('\n').slice(-SHOWN_LINES);
  return lines.map((line) => `  ${line.slice(0, SHOWN_LINE_LENGTH)}`).join('\n');
}

/** Thrown by a probe when waiting longer won't help. */
export class HopelessError extends Error {
  override readonly name = 'HopelessError';
}

/**
 * Repeats `probe` until it doesn't throw. Rejects as soon as the process ends, and after `limitMs`, with
 * the last lines of its log in the message.
 */
export async function whenReady(
  running: RunningProcess,
  probe: () => Promise<void>,
  { limitMs, intervalMs = 20 }: { limitMs: number; intervalMs?: number },
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const exit = running.exit();
    if (exit) throw new ProcessFailure(running, exit, 'ended before it was ready');
    try {
      return await probe();
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      if (performance.now() > deadline) {
        const last = error instanceof Error ? error.message : String(error);
        throw new ProcessFailure(running, undefined, `was not ready within ${limitMs / 1000} s (${last})`);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}

/** A process that ended or hangs where it should run. Its message holds the last lines of its log. */
export class ProcessFailure extends Error {
  override readonly name = 'ProcessFailure';
  readonly process: RunningProcess;
  readonly exit: Exit | undefined;

  constructor(running: RunningProcess, exit: Exit | undefined, what: string) {
    const how = exit ? ` (${exit.signal ?? `exit code ${exit.code}`})` : '';
    super(`${running.name} ${what}${how}. The end of ${running.logFile}:\n${lastLines(running)}`);
    this.process = running;
    this.exit = exit;
  }

  /** `undefined` while it runs, and if a signal ended it. */
  get exitCode(): number | undefined {
    return this.exit?.code ?? undefined;
  }
}
