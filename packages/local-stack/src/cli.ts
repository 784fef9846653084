/** The commands `npm start` and `npm run stop`. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { homeDirectory } from './config.ts';
import { fileLockHolder, tryFileLock } from './os/file-lock.js';
import { lastLines, sendSignal } from './os/processes.ts';
import { homeAt, openHome, rotateLog } from './supervisor/home.ts';
import { createProgressView, type ProgressEvent } from './supervisor/progress.ts';
import { endLeftovers } from './supervisor/run-directory.ts';
import { StartFailure, supervise } from './supervisor/supervise.ts';

export interface CommandContext {
  /** The checkout. */
  root: string;
  env: NodeJS.ProcessEnv;
  args: readonly string[];
}

const USAGE = `npm start [-- --detach]

Starts Hokusai Gateway with all it needs, installing that first. Ctrl-C stops it.
  --detach   return when it is ready and leave it running; npm run stop ends it
State is kept in .hokusai/ (HOKUSAI_HOME); the gateway's port is 8080 (GATEWAY_PORT).`;

/** sysexits(3) EX_USAGE. */
const EXIT_USAGE = 64;

/** Runs `npm start`; returns the exit code. */
export async function start(context: CommandContext): Promise<number> {
  const unknown = context.args.filter((arg) => !['--detach', '--help'].includes(arg));
  if (unknown.length > 0) return say(`unknown: ${unknown.join(' ')}\n\n${USAGE}`, EXIT_USAGE);
  if (context.args.includes('--help')) return say(USAGE, 0);
  // The supervisor of a detached start, with a channel to who started it.
  if (process.send) return await runInBackground(context);
  if (!context.args.includes('--detach')) return await runInForeground(context);
  return await startDetached(context).catch(describeFailure);
}

function say(text: string, exitCode: number): number {
  console.error(text);
  return exitCode;
}

async function runInForeground({ root, env }: CommandContext): Promise<number> {
  const view = createProgressView(process.stderr);
  const close = once(() => view.close());
  try {
    await supervise({
      root,
      env,
      report: view.report,
      onReady: (text) => {
        close();
        console.log(`${text}\nCtrl-C stops it.`);
      },
      onNote: (text) => console.error(text),
      stop: onSignals(close),
    });
    return 0;
  } catch (error) {
    close();
    return describeFailure(error);
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}

/** Aborted by the first signal. Further ones change nothing: one Ctrl-C may arrive by several ways. */
function onSignals(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return;
      onFirst();
      console.error('stopping …');
      controller.abort();
    });
  }
  return controller.signal;
}

function describeFailure(error: unknown): number {
  console.error(`hokusai: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof StartFailure ? error.exitCode : 1;
}

type Message =
  | { kind: 'progress'; event: ProgressEvent }
  | { kind: 'note'; text: string }
  | { kind: 'ready'; text: string }
  | { kind: 'failed'; message: string; exitCode: number };

/** Starts the supervisor in a session of its own and shows what it reports until it is ready. */
async function startDetached({ root, env, args }: CommandContext): Promise<number> {
  const home = openHome(homeDirectory(env, root));
  const logFile = home.logFile('supervisor');
  rotateLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const logBegin = fstatSync(log).size;
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], {
    env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const view = createProgressView(process.stderr);
  const stop = onSignals(() => {});
  stop.addEventListener('abort', () => child.kill('SIGTERM'));
  const exitCode = await new Promise<number>((resolve) => {
    child.on('message', (message: Message) => {
      if (message.kind === 'progress') view.report(message.event);
      else if (message.kind === 'note') console.error(message.text);
      else resolve(settle(message, () => view.close()));
    });
    child.once('error', (error) =>
      resolve(say(`hokusai: the supervisor could not be started: ${error.message}`, 1)),
    );
    child.once('exit', () => {
      view.close();
      if (stop.aborted) return resolve(0);
      resolve(
        say(
          `hokusai: the supervisor ended unexpectedly. The end of ${logFile}:\n${lastLines({ logFile, logBegin })}`,
          1,
        ),
      );
    });
  });
  if (child.connected) child.disconnect();
  child.unref();
  return exitCode;
}

function settle(message: Extract<Message, { kind: 'ready' | 'failed' }>, close: () => void): number {
  close();
  if (message.kind === 'failed') return say(`hokusai: ${message.message}`, message.exitCode);
  console.log(`${message.text}\nIt runs in the background; npm run stop ends it.`);
  return 0;
}

async function runInBackground({ root, env }: CommandContext): Promise<number> {
  let isReady = false;
  const tell = (message: Message) => {
    if (process.connected) process.send?.(message);
  };
  // Whoever waits for it to be ready is gone: nobody would learn of it.
  process.once('disconnect', () => {
    if (!isReady) process.kill(process.pid, 'SIGTERM');
  });
  try {
    await supervise({
      root,
      env: withoutChannel(env),
      report: (event) => tell({ kind: 'progress', event }),
      onReady: (text) => {
        isReady = true;
        tell({ kind: 'ready', text });
      },
      onNote: (text) => {
        console.error(text);
        tell({ kind: 'note', text });
      },
      stop: onSignals(() => {}),
    });
    return 0;
  } catch (error) {
    const exitCode = describeFailure(error);
    await sent({ kind: 'failed', message: error instanceof Error ? error.message : String(error), exitCode });
    return exitCode;
  }
}

/** Resolves when it is on its way: the process may end then. */
function sent(message: Message): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

/** Node tells a child of its channel through these; the services have none. */
function withoutChannel(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_CHANNEL_FD: _fd, NODE_CHANNEL_SERIALIZATION_MODE: _mode, ...rest } = env;
  return rest;
}

const STOP_LIMIT_MS = 90_000;
const POLL_MS = 100;

/** Runs `npm run stop`: ends the stack of this home, whatever is left of it; returns the exit code. */
export async function stop({ root, env }: CommandContext): Promise<number> {
  const home = homeAt(homeDirectory(env, root));
  // Nothing was ever started there: leave no trace of having looked.
  if (!existsSync(home.runDirectory)) {
    console.log('not running');
    return 0;
  }
  const supervisor = fileLockHolder(home.lockFile);
  if (supervisor !== undefined) {
    sendSignal(supervisor, 'SIGTERM');
    const deadline = performance.now() + STOP_LIMIT_MS;
    while (fileLockHolder(home.lockFile) === supervisor) {
      if (performance.now() > deadline)
        return say(`hokusai: process ${supervisor} does not stop; see ${home.logFile('supervisor')}`, 1);
      await delay(POLL_MS);
    }
  }
  const lock = tryFileLock(home.lockFile);
  if (lock.release === undefined) return say(`hokusai: process ${lock.holderPid} is starting it again`, 1);
  try {
    const leftovers = await endLeftovers(home.runDirectory);
    if (leftovers.length > 0) console.log(`ended what was left running: ${leftovers.join(', ')}`);
    else console.log(supervisor === undefined ? 'not running' : 'stopped');
    return 0;
  } finally {
    lock.release();
  }
}
