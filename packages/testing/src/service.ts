/** Our own processes under test. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type Exit,
  type RunningProcess,
  signalTree,
  startProcess,
  stopProcess,
  whenReady,
} from '@hokusai/local-stack';
import { baseEnvironment, root } from './config.ts';
import { freezeTree } from './freeze.ts';
import { closeAtEnd, runFolder, watch } from './run.ts';

export interface ServiceOptions {
  /** File to run, relative to the checkout, such as `services/keys/src/main.ts`. */
  entry: string;
  args?: readonly string[];
  /** Beside PATH, HOME and TMPDIR nothing else is passed on. */
  env: Readonly<Record<string, string>>;
  /** Polled until it answers 2xx; by default `/readyz` on HEALTH_PORT of `env`. null: don't wait. */
  readyUrl?: string | null;
  readyTimeoutMs?: number;
}

export interface TestService extends AsyncDisposable {
  pid: number;
  /** What it has printed so far, on stdout and stderr. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** SIGTERM, and SIGKILL after 30 s: later than a service ends itself. */
  stop(): Promise<Exit>;
  exited: Promise<Exit>;
}

const STOP_LIMIT_MS = 30_000;

/**
 * Runs a process of ours and resolves when it is ready. Rejects if it ends before, with the end of its
 * output in the message and its `exitCode`.
 */
export async function spawnService(options: ServiceOptions): Promise<TestService> {
  const { entry, args = [], env, readyTimeoutMs = 60_000 } = options;
  const folder = runFolder('service');
  const running = await startProcess({
    name: entry,
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', resolve(root, entry), ...args],
    env: { ...baseEnvironment(), ...env },
    cwd: root,
    logFile: join(folder, 'output.log'),
  });
  watch(running.pid, running.exited);
  const service = serviceOf(running);
  const readyUrl = options.readyUrl === undefined ? defaultReadyUrl(env) : options.readyUrl;
  if (readyUrl === null) return service;
  try {
    await whenReady(running, () => answersOk(readyUrl), { limitMs: readyTimeoutMs });
    return service;
  } catch (error) {
    await service.stop();
    throw error;
  }
}

function serviceOf(running: RunningProcess): TestService {
  const stop = async () => {
    if (!running.exit()) signalTree(running.pid, 'SIGCONT');
    return await stopProcess(running, { signal: 'SIGTERM', limitMs: STOP_LIMIT_MS });
  };
  const close = closeAtEnd(async () => void (await stop()));
  return {
    pid: running.pid,
    output: () => readFileSync(running.logFile, 'utf8'),
    signal: (name) => {
      if (!running.exit()) process.kill(running.pid, name);
    },
    pause: () => freezeTree(running.pid),
    resume: async () => signalTree(running.pid, 'SIGCONT'),
    stop,
    exited: running.exited,
    [Symbol.asyncDispose]: close,
  };
}

function defaultReadyUrl(env: Readonly<Record<string, string>>): string {
  const port = env['HEALTH_PORT'];
  if (port === undefined) throw new Error('give the service a HEALTH_PORT, or say `readyUrl`');
  return `http://127.0.0.1:${port}/readyz`;
}

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${body.trim().slice(0, 500)}`);
}
