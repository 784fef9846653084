import type { JsonObject } from '../../http/client.ts';
import type { StoredRun } from './memory.ts';
import { latestMetrics } from './metrics.ts';
import { toPairs } from './request.ts';

export function infoJson(run: StoredRun): JsonObject {
  return {
    run_id: run.runId,
    run_name: run.runName,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTime,
    end_time: run.endTime,
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
  };
}

export function runJson(run: StoredRun): JsonObject {
  return {
    info: infoJson(run),
    data: { metrics: latestMetrics(run), params: toPairs(run.params), tags: toPairs(run.tags) },
    inputs: { dataset_inputs: run.datasets.map(datasetJson) },
  };
}

function datasetJson({ dataset, tags }: StoredRun['datasets'][number]): JsonObject {
  const { sourceType, ...rest } = dataset;
  return { dataset: { ...rest, source_type: sourceType }, tags: toPairs(new Map(Object.entries(tags))) };
}
