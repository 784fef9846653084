import { createCalls } from '../api/calls.ts';
import { createExperiments } from '../api/experiments.ts';
import { createModels } from '../api/models.ts';
import { createRunCalls } from '../api/runs.ts';
import { createRunArtifacts } from '../artifacts/run-artifacts.ts';
import type { HttpClient } from '../http/client.ts';
import type { RunArtifacts } from '../model/artifact.ts';
import type { ExperimentManager } from '../model/manager.ts';
import { createArtifactUriOf } from './artifact-uris.ts';
import type { ManagerConfig, ManagerDependencies } from './dependencies.ts';
import { createDownload } from './download-model.ts';
import { createExperimentChoice } from './experiment-choice.ts';
import { createRegisterFromRun } from './register.ts';
import { createRunStarter } from './run-starter.ts';
import { createRuns } from './runs.ts';

/** Tracks on an MLflow server of 2.x or 3.x. It closes `http`. */
export function createMlflowManager(
  config: ManagerConfig,
  http: HttpClient,
  dependencies: ManagerDependencies,
): ExperimentManager {
  const calls = createCalls(http);
  const runCalls = createRunCalls(calls);
  const experiments = createExperiments(calls);
  const { logger } = config;
  const artifactsOf = (runId: string, artifactUri?: string): RunArtifacts =>
    createRunArtifacts({ http, logger, artifactUriOf: createArtifactUriOf(runCalls, artifactUri) }, runId);
  const registerFromRun = createRegisterFromRun({ calls, runs: runCalls, artifactsOf });
  const models = createModels(calls);
  const download = createDownload({ http, logger, calls, runs: runCalls, artifactsOf, models });
  const choice = createExperimentChoice({
    experiments,
    experimentName: config.experimentName,
    experimentOf: async (runId, options) => (await runCalls.get(runId, options)).info.experimentId,
  });
  const starter = createRunStarter({
    ...dependencies,
    config,
    calls: runCalls,
    choice,
    artifactsOf,
    registerFromRun,
  });
  const flush = () => starter.flush();
  const close = async () => {
    starter.close();
    try {
      await flush();
    } finally {
      http.close();
    }
  };
  return {
    isMock: false,
    experiments,
    runs: createRuns(runCalls, choice, starter),
    models: { ...models, registerFromRun, download },
    startRun: starter.startRun,
    withRun: starter.withRun,
    artifactsOf: (runId) => artifactsOf(runId),
    flush,
    close,
    [Symbol.asyncDispose]: close,
  };
}
