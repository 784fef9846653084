/** An MLflow tracking server of our own, on SQLite, with its artifacts behind its own API. */
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sendSignal, signalTree, startProcess, stopProcess, whenReady } from '../os/processes.ts';
import { type Backend, type BackendOptions, LOOPBACK } from './backend.ts';

export interface MlflowOptions extends BackendOptions {
  /** Python of the virtual environment that holds MLflow. */
  python: string;
  /** 3 if absent; the last of the 2.x line has other options. */
  major?: 2 | 3;
}

export interface MlflowBackend extends Backend {
  url: string;
}

/** Its imports take seconds on a fast machine, and longer the first time, before they are compiled. */
const MLFLOW_READY_LIMIT_MS = 180_000;

export async function startMlflow(options: MlflowOptions): Promise<MlflowBackend> {
  const { port, dataDirectory, python } = options;
  const database = join(dataDirectory, 'mlflow.db');
  const template = join(dirname(dirname(python)), 'empty-mlflow.db');
  const isNew = !existsSync(database);
  // Creating the tables takes seconds, since MLflow runs its whole history of migrations.
  if (isNew && existsSync(template)) copyAside(template, database);
  mkdirSync(join(dataDirectory, 'artifacts'), { recursive: true });
  const server = await startProcess({
    name: 'mlflow',
    command: python,
    args: ['-m', 'mlflow', 'server', ...serverArguments(options, database)],
    env: environment(options.env),
    cwd: dataDirectory,
    logFile: options.logFile,
  });
  const stop = () => stopWithWorker(server);
  options.onStart?.(server, stop);
  const url = `http://${LOOPBACK}:${port}`;
  try {
    await whenReady(server, () => isHealthy(url), { limitMs: MLFLOW_READY_LIMIT_MS, intervalMs: 50 });
  } catch (error) {
    await stop();
    throw error;
  }
  if (isNew && !existsSync(template)) copyAside(database, template);
  return { process: server, port, url, stop };
}

function serverArguments({ port, dataDirectory, major = 3 }: MlflowOptions, database: string): string[] {
  return Object.entries({
    host: LOOPBACK,
    port: String(port),
    workers: '1',
    'backend-store-uri': `sqlite:///${database}`,
    'artifacts-destination': join(dataDirectory, 'artifacts'),
    // MLflow compares the whole header, port included; the gateway sends what it connects to. 2.x looks at no host.
    ...(major === 3 && { 'allowed-hosts': `${LOOPBACK}:${port},localhost:${port}` }),
  }).flatMap(([name, value]) => [`--${name}`, value]);
}

function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...env,
    MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // Compiling its 2,400 modules anew takes longer than all the rest of its start.
    PYTHONDONTWRITEBYTECODE: '',
    // These are a client's, perhaps set to the gateway by who starts this; the server must not call itself.
    MLFLOW_TRACKING_URI: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
    MLFLOW_REGISTRY_URI: undefined,
  };
}

/** The command waits for a worker of its own: both get the signal, and the worker closes the connections. */
async function stopWithWorker(server: Parameters<typeof stopProcess>[0]): Promise<void> {
  if (server.exit()) return;
  signalTree(server.pid, 'SIGTERM');
  await stopProcess(server, { signal: 'SIGTERM', limitMs: 10_000 });
  sendSignal(-server.pid, 'SIGKILL');
}

async function isHealthy(url: string): Promise<void> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`status ${response.status}`);
}

function copyAside(from: string, to: string): void {
  const partial = `${to}.${process.pid}.partial`;
  copyFileSync(from, partial);
  renameSync(partial, to);
}
