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

export interface LocalMlflow extends TestMlflow {
  /** Where its database and its artifacts are: `dumpMlflow` reads them. */
  dataDirectory: string;
}

let shared: Promise<TestMlflow> | undefined;
let shared2: Promise<TestMlflow> | undefined;

/** The run's one MLflow server, for tests that don't break it. Starting one takes seconds. */
export async function sharedMlflow(): Promise<MlflowEndpoint> {
  shared ??= createMlflow();
  const { url, python } = await shared;
  return { url, python };
}

/** An MLflow server of the caller's own, without experiments but the default one. */
export async function createMlflow(): Promise<TestMlflow> {
  if (given.mlflow === undefined) return await createLocalMlflow();
  const python = await toolbox.mlflowPython();
  return { url: given.mlflow, python, ...foreignServer('TEST_MLFLOW_URL') };
}

/** The run's one MLflow server of the 2.x line: the last of it, for clients that have to get on with both. */
export async function sharedMlflow2(): Promise<MlflowEndpoint> {
  shared2 ??= createMlflow2();
  const { url, python } = await shared2;
  return { url, python };
}

/** The same, of the caller's own. */
export async function createMlflow2(): Promise<LocalMlflow> {
  return startLocalMlflow(await toolbox.mlflow2Python(), 2);
}

/** The same, on this machine whatever TEST_MLFLOW_URL says, for tests that look at what it has stored. */
export async function createLocalMlflow(): Promise<LocalMlflow> {
  return startLocalMlflow(await toolbox.mlflowPython(), 3);
}

async function startLocalMlflow(python: string, major: 2 | 3): Promise<LocalMlflow> {
  const dataDirectory = runFolder('mlflow');
  const port = await freePort();
  const options = {
    port,
    python,
    major,
    dataDirectory,
    logFile: `${dataDirectory}/mlflow.log`,
    // Not even its list of models may come from elsewhere.
    env: { ...baseEnvironment(), MLFLOW_MODEL_CATALOG_URI: '' },
  };
  const server = await startServer(processControl(dataDirectory, () => startMlflow(options)));
  return { url: `http://127.0.0.1:${port}`, python, dataDirectory, ...server };
}
