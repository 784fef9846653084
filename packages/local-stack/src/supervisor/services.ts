/** Our four services as processes, and the migrations that come before them. */
import { join } from 'node:path';
import { EXIT_CONFIG } from '@hokusai/service-kit';
import type { DatabaseServiceName, ServiceName } from '../config.ts';
import {
  logOf,
  ProcessFailure,
  type RunningProcess,
  startProcess,
  stopProcess,
  whenReady,
} from '../os/processes.ts';
import { CommandError, runCommand } from '../os/run-command.ts';

export interface ServiceLaunch {
  name: ServiceName;
  /** The checkout. */
  root: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  readyUrl: string;
  onStart: (running: RunningProcess, stop: () => Promise<void>) => void;
}

/** Services that refused their configuration. */
export class ServiceConfigError extends Error {
  override readonly name = 'ServiceConfigError';
}

const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning'];
/** Far more than it takes, even beside MLflow's first start on a busy machine. */
const SERVICE_READY_LIMIT_MS = 120_000;
/** A service gets 25 s to finish what is in flight (service-kit's lifecycle). */
const SERVICE_STOP_LIMIT_MS = 30_000;

/** Brings a service's schema up to date. Throws an error with what the migration printed. */
export async function runMigrations(
  service: DatabaseServiceName,
  { root, env, signal }: { root: string; env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<void> {
  const entry = join(root, 'services', service, 'src', 'migrate.ts');
  try {
    await runCommand(process.execPath, [...NODE_OPTIONS, entry], { cwd: root, env, signal });
  } catch (cause) {
    const output = cause instanceof CommandError ? cause.output.trim() : String(cause);
    throw new Error(`the database of ${service} could not be migrated:\n${output}`, { cause });
  }
}

/** Starts a service; resolves when it is ready. Throws ServiceConfigError or ProcessFailure. */
export async function startService(launch: ServiceLaunch): Promise<void> {
  const { name, root, env, logFile, readyUrl, onStart } = launch;
  const running = await startProcess({
    name,
    command: process.execPath,
    args: [...NODE_OPTIONS, join(root, 'services', name, 'src', 'main.ts')],
    env,
    cwd: root,
    logFile,
  });
  onStart(
    running,
    async () => void (await stopProcess(running, { signal: 'SIGTERM', limitMs: SERVICE_STOP_LIMIT_MS })),
  );
  try {
    await whenReady(running, () => answersOk(readyUrl), { limitMs: SERVICE_READY_LIMIT_MS });
  } catch (error) {
    if (!(error instanceof ProcessFailure) || error.exitCode !== EXIT_CONFIG) throw error;
    // After other lines of its log, perhaps: the message of a ConfigError.
    const said = logOf(running).trim();
    throw new ServiceConfigError(
      `${name}: ${said.slice(Math.max(said.lastIndexOf('invalid configuration'), 0))}`,
      { cause: error },
    );
  }
}

/**
 * Waits for all, or for the first failure. One that refused its configuration waits for the others' word,
 * so that everything wrong is said at once; they say it within moments of their start.
 */
export async function allReady(starts: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(starts);
  } catch (error) {
    if (!(error instanceof ServiceConfigError)) throw error;
    const outcomes = await Promise.all(starts.map((start) => outcomeWithin(start, CONFIG_ERROR_LIMIT_MS)));
    const refusals = outcomes.filter((outcome) => outcome instanceof ServiceConfigError);
    throw new ServiceConfigError(refusals.map(({ message }) => message).join('\n'), { cause: error });
  }
}

const CONFIG_ERROR_LIMIT_MS = 3000;

async function outcomeWithin(start: Promise<void>, limitMs: number): Promise<unknown> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  try {
    return await Promise.race([start, late]);
  } catch (error) {
    return error;
  } finally {
    clearTimeout(timer);
  }
}

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${body.trim().slice(0, 500)}`);
}
