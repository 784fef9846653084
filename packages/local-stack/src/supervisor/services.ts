/** Our four services as processes, and the migrations that come before them. */
import { join } from 'node:path';
import type { DatabaseServiceName, ServiceName } from '../config.ts';
import { type RunningProcess, startProcess, stopProcess, whenReady } from '../os/processes.ts';
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

/** What a service finds wrong with its configuration, a line for each variable. Nothing is started. */
export async function configurationProblems(
  service: ServiceName,
  { root, env }: { root: string; env: NodeJS.ProcessEnv },
): Promise<string[]> {
  const entry = join(root, 'services', service, 'src', 'main.ts');
  try {
    await runCommand(process.execPath, [...NODE_OPTIONS, entry, '--check-config'], { cwd: root, env });
    return [];
  } catch (error) {
    // Anything else than a wrong configuration shows when the service is started.
    if (!(error instanceof CommandError)) return [];
    const lines = error.output.split('\n');
    return lines
      .slice(lines.indexOf('invalid configuration:') + 1)
      .flatMap((line) => /^ {2}(.+)$/.exec(line)?.[1] ?? []);
  }
}

/** Starts a service; resolves when it is ready. Throws ProcessFailure. */
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
  await whenReady(running, () => answersOk(readyUrl), { limitMs: SERVICE_READY_LIMIT_MS });
}

async function answersOk(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${body.trim().slice(0, 500)}`);
}
