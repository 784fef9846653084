import { createRunArtifacts } from '../../src/artifacts/run-artifacts.ts';
import { type ExperimentManagerConfig, resolveConfig } from '../../src/config/config.ts';
import { createHttpClient, type HttpClient } from '../../src/http/client.ts';
import { systemClock, systemDelay } from '../../src/http/system.ts';
import type { RunArtifacts } from '../../src/model/artifact.ts';

/** Whatever the environment says. */
export function openClient(settings: ExperimentManagerConfig): HttpClient {
  const config = resolveConfig(settings, {});
  const { logger } = config;
  return createHttpClient(config, { clock: systemClock, delay: systemDelay, random: Math.random, logger });
}

/** The artifacts of a new run in the default experiment. */
export async function newRun(http: HttpClient): Promise<RunArtifacts> {
  const answer = await http.json({
    method: 'POST',
    path: '/api/2.0/mlflow/runs/create',
    body: { experiment_id: '0', start_time: Date.now() },
  });
  const { info } = answer['run'] as unknown as { info: { run_id: string; artifact_uri: string } };
  return createRunArtifacts({ http, artifactUriOf: () => Promise.resolve(info.artifact_uri) }, info.run_id);
}

export async function openRun(
  settings: ExperimentManagerConfig,
): Promise<{ artifacts: RunArtifacts; close: () => void }> {
  const http = openClient(settings);
  return { artifacts: await newRun(http), close: () => http.close() };
}
