import { freePort, startMlflow } from '@hokusai/local-stack';
import { baseEnvironment, given } from './config.ts';
import { runFolder } from './run.ts';
import { foreignServer, processControl, startServer, type TestServer } from './server.ts';
import { toolbox } from './toolbox.ts';

export interface MlflowEndpoint {
  url: string;
  /** Path of a Python that has MLflow's client of the server's version. */
  python: string;
}

export interface TestMlflow extends MlflowEndpoint, TestServer {}

let shared: Promise<TestMlflow> | undefined;

/** The run's one MLflow server, for tests that don't break it. Starting one takes seconds. */
export async function sharedMlflow(): Promise<MlflowEndpoint> {
  shared ??= createMlflow();
  const { url, python } = await shared;
  return { url, python };
}

/** An MLflow server of the caller's own, without experiments but the default one. */
export async function createMlflow(): Promise<TestMlflow> {
  const python = await toolbox.mlflowPython();
  if (given.mlflow !== undefined) return { url: given.mlflow, python, ...foreignServer('TEST_MLFLOW_URL') };
  const folder = runFolder('mlflow');
  const port = await freePort();
  const options = {
    port,
    python,
    dataDirectory: folder,
    logFile: `${folder}/mlflow.log`,
    env: baseEnvironment(),
  };
  const server = await startServer(processControl(folder, () => startMlflow(options)));
  return { url: `http://127.0.0.1:${port}`, python, ...server };
}
