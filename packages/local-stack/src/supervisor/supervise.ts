/** The supervisor: one start of the stack from its lock to its last process. */
import { randomBytes } from 'node:crypto';
import { ConfigError, EXIT_CONFIG } from '@hokusai/service-kit';
import { homeDirectory, type StartConfig } from '../config.ts';
import { tryFileLock } from '../os/file-lock.js';
import { ProcessFailure } from '../os/processes.ts';
import { createToolbox } from '../python/toolbox.ts';
import { readConfiguration } from './configuration.ts';
import { type Home, openHome, readEnvFile, writeEnvFile } from './home.ts';
import { createPlan } from './plan.ts';
import { choosePorts } from './ports.ts';
import { createProcesses } from './processes.ts';
import type { Report } from './progress.ts';
import { endLeftovers, openRunDirectory } from './run-directory.ts';
import { startStack } from './stack.ts';
import { summary } from './summary.ts';

export interface SuperviseOptions {
  /** The checkout. */
  root: string;
  env: NodeJS.ProcessEnv;
  report: Report;
  /** Told once when all is ready, with what to show. */
  onReady: (text: string) => void;
  /** Told of anything else worth a line. */
  onNote: (text: string) => void;
  /** Aborted to stop the stack. */
  stop: AbortSignal;
}

/** A start that failed: what to say, and the exit code. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** Runs the stack until it is told to stop. Throws StartFailure if it can't start or a part of it ends. */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const home = openHome(homeDirectory(options.env, options.root));
  const lock = tryFileLock(home.lockFile);
  if (lock.release === undefined) throw new StartFailure(alreadyRunning(home, lock.holderPid), 1);
  try {
    await superviseLocked(home, options);
  } catch (error) {
    throw toStartFailure(error);
  } finally {
    lock.release();
  }
}

function alreadyRunning(home: Home, pid: number): string {
  const url = readEnvFile(home.envFile)['GATEWAY_URL'];
  return `already running (process ${pid}${url === undefined ? '' : `, ${url}`}); stop it with: npm run stop`;
}

function toStartFailure(error: unknown): StartFailure {
  if (error instanceof StartFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StartFailure(message, error instanceof ConfigError ? EXIT_CONFIG : 1, error);
}

async function superviseLocked(home: Home, options: SuperviseOptions): Promise<void> {
  const { env, onNote, stop } = options;
  const saved = readEnvFile(home.envFile);
  const config = await readConfiguration(options.root, env, saved);
  const leftovers = await endLeftovers(home.runDirectory);
  if (leftovers.length > 0) onNote(`ended what an earlier start had left behind: ${leftovers.join(', ')}`);
  const ports = await choosePorts({ asked: config.ports, saved, gatewayHost: config.gatewayHost });
  const plan = createPlan({
    config,
    saved,
    ports,
    adminKeyFile: home.adminKeyFile,
    spoolDirectory: home.dataDirectory('spool'),
    checkpointDirectory: home.dataDirectory('audit-checkpoints'),
    random: (bytes) => randomBytes(bytes).toString('base64url'),
  });
  writeEnvFile(home.envFile, plan.envFile);
  if (!stop.aborted) await runStack({ home, config, ports, plan, options });
}

interface RunOptions {
  home: Home;
  config: StartConfig;
  ports: Awaited<ReturnType<typeof choosePorts>>;
  plan: ReturnType<typeof createPlan>;
  options: SuperviseOptions;
}

async function runStack({ home, config, ports, plan, options }: RunOptions): Promise<void> {
  const { root, env, report, onReady, onNote, stop } = options;
  const run = openRunDirectory(home.runDirectory);
  const processes = createProcesses(run);
  const ending = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const onProgress = (part: string, text: string) => report({ kind: 'busy', part, text });
  const toolbox = createToolbox({ home: home.directory, env, onProgress, signal: ending.signal });
  run.record('supervisor', process.pid);
  const stack = startStack({
    root,
    home,
    config,
    plan,
    ports,
    toolbox,
    processes,
    report,
    signal: ending.signal,
  });
  const crashed = processes.crashed.then(({ running, exit }) => {
    throw new ProcessFailure(running, exit, 'ended');
  });
  const whenReady = stack.ready.then(({ mlflowPython }) => {
    const { gatewayUrl } = plan;
    onReady(summary({ gatewayUrl, adminKeyFile: home.adminKeyFile, mlflowPython, home: home.directory }));
  });
  try {
    await Promise.race([stopped, Promise.all([whenReady, crashed])]);
  } finally {
    ending.abort();
    await processes.stopAll((name) => onNote(`stopped ${name}`));
    await stack.settled;
    run.forget('supervisor');
  }
}
