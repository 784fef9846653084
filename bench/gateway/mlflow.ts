/** MLflow bare, with its own basic-auth, and behind the gateway. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createMlflow, eventually, freePort, pythonEnvironment, type TestMlflow } from '@hokusai/testing';
import { startProcess } from '../lib/processes.ts';

/** What MLflow's basic-auth needs beside MLflow. */
const LOCK = 'bench/gateway/basic-auth.lock.txt';
/** The administrator of the new server. */
const ADMIN = { name: 'admin', password: 'correct horse battery staple' };
export const BASIC_AUTH_USER = `${ADMIN.name}:${ADMIN.password}`;
const READY = { timeoutMs: 180_000, intervalMs: 500 };

/** Reads an experiment: one row of the database. */
export const READ_EXPERIMENT = '/api/2.0/mlflow/experiments/get?experiment_id=0';

export interface MlflowServers {
  bare: TestMlflow;
  /** Has users and permissions of its own, in a database of its own. */
  basicAuthUrl: string;
}

export async function startMlflowServers(folder: string): Promise<MlflowServers> {
  const bare = await createMlflow();
  return { bare, basicAuthUrl: await startBasicAuth(folder, bare.python) };
}

/** One worker on SQLite, like the bare one. */
async function startBasicAuth(folder: string, python: string): Promise<string> {
  const home = join(folder, 'basic-auth');
  mkdirSync(home);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--app-name', 'basic-auth'];
  startProcess(
    [python, '-m', 'mlflow', 'server', ...args, '--backend-store-uri', `sqlite:///${home}/mlflow.db`],
    {
      cwd: home,
      env: {
        PYTHONPATH: await packagesOf(await pythonEnvironment(LOCK)),
        MLFLOW_AUTH_ADMIN_USERNAME: ADMIN.name,
        MLFLOW_AUTH_ADMIN_PASSWORD: ADMIN.password,
        MLFLOW_FLASK_SERVER_SECRET_KEY: 'of the measurement',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
      },
    },
  );
  await eventually(async () => {
    const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`MLflow with basic-auth answers ${answer.status}`);
  }, READY);
  return url;
}

/** The folder of the packages of a virtual environment. */
async function packagesOf(python: string): Promise<string> {
  const { stdout } = await promisify(execFile)(python, [
    '-c',
    "import sysconfig; print(sysconfig.get_path('purelib'), end='')",
  ]);
  return stdout;
}
