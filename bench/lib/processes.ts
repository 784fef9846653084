/** The processes of a measurement: started, and ended with it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { eventually } from '@hokusai/testing';
import { onSubjectCore } from './cores.ts';

const children = new Set<ChildProcess>();

/** Ends what was started here; what `@hokusai/testing` has started, `closeTestBackends` does. */
export async function endProcesses(): Promise<void> {
  await Promise.all(
    [...children].map(async (child) => {
      const ended = once(child, 'exit');
      signalGroup(child, 'SIGTERM');
      await ended;
      signalGroup(child, 'SIGKILL');
    }),
  );
}

/** The process and whatever it has started, unless all of them have ended. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface ProcessSettings {
  cwd?: string;
  env?: Record<string, string>;
  /** The caller reads its standard output; nobody else's is kept. */
  isRead?: boolean;
}

/** Starts a program in a process group of its own. */
export function startProcess(
  [command = '', ...args]: readonly string[],
  { cwd, env = {}, isRead = false }: ProcessSettings = {},
): ChildProcess {
  const child = spawn(command, args, {
    stdio: isRead ? ['ignore', 'pipe', 'inherit'] : 'ignore',
    detached: true,
    cwd,
    env: { ...process.env, NODE_ENV: 'production', ...env },
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Starts nginx with this configuration; resolves when it listens. */
export async function startNginx(
  config: string,
  port: number,
  { isSubject }: { isSubject: boolean },
): Promise<void> {
  const command = isSubject ? [...onSubjectCore, 'nginx'] : ['nginx'];
  startProcess([...command, '-p', '/', '-c', config]);
  await eventually(() => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.arrayBuffer()));
}

export interface Listener {
  port: number;
  pid: number;
}

/** Starts a program that prints its port when it listens. */
export async function startListener(
  program: readonly string[],
  { isSubject = false, env = {} }: { isSubject?: boolean; env?: Record<string, string> } = {},
): Promise<Listener> {
  const command = isSubject ? [...onSubjectCore, ...program] : program;
  const child = startProcess(command, { env, isRead: true });
  const [line] = (await Promise.race([
    once(child.stdout as NodeJS.ReadableStream, 'data'),
    once(child, 'exit').then(() =>
      Promise.reject(new Error(`${command.join(' ')} ended before it listened`)),
    ),
  ])) as [Buffer];
  return { port: Number(line.toString()), pid: child.pid as number };
}

export interface WrkSettings {
  url: string;
  key?: string | undefined;
  /** A Lua script instead of a key. */
  script?: string | undefined;
  connections: number;
  seconds: number;
}

/** Requests per second of a closed loop. Throws if any answer was not a 2xx. */
export async function runWrk({ url, key, script, connections, seconds }: WrkSettings): Promise<number> {
  const { stdout } = await promisify(execFile)('wrk', [
    ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`],
    // What is slow is to be measured, not given up.
    ...['--timeout', '30s'],
    ...(key === undefined ? [] : ['--header', `Authorization: Bearer ${key}`]),
    ...(script === undefined ? [] : ['--script', script]),
    url,
  ]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url}:\n${stdout}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}
