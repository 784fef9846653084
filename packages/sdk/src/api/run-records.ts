import type { JsonObject } from '../http/json.ts';
import type { DatasetInput, Metric, RunInfo, RunRecord, RunStatus } from '../model/run.ts';
import { readDouble, readInt64, readObject, readObjects, readPairs, readText, readTextOr } from './read.ts';

export function toRunRecord(from: JsonObject): RunRecord {
  const data = from['data'] === undefined ? {} : readObject(from, 'data');
  const inputs = from['inputs'] === undefined ? {} : readObject(from, 'inputs');
  return {
    info: toRunInfo(readObject(from, 'info')),
    params: readPairs(data, 'params'),
    metrics: Object.fromEntries(
      readObjects(data, 'metrics').map((metric) => [readText(metric, 'key'), toMetric(metric)]),
    ),
    tags: readPairs(data, 'tags'),
    datasets: readObjects(inputs, 'dataset_inputs').map(toDatasetInput),
  };
}

export function toRunInfo(from: JsonObject): RunInfo {
  const endTime = readInt64(from, 'end_time');
  return {
    runId: readText(from, 'run_id'),
    experimentId: readText(from, 'experiment_id'),
    runName: readTextOr(from, 'run_name', ''),
    status: readTextOr(from, 'status', 'RUNNING') as RunStatus,
    startTime: readInt64(from, 'start_time'),
    // MLflow's way to say that there is none.
    endTime: Number(endTime) === 0 ? null : endTime,
    artifactUri: readTextOr(from, 'artifact_uri', ''),
    lifecycleStage: readTextOr(from, 'lifecycle_stage', '') === 'deleted' ? 'deleted' : 'active',
    userId: readTextOr(from, 'user_id', ''),
  };
}

export function toMetric(from: JsonObject): Metric {
  return {
    key: readText(from, 'key'),
    value: readDouble(from, 'value'),
    timestamp: readInt64(from, 'timestamp'),
    step: readInt64(from, 'step'),
  };
}

function toDatasetInput(from: JsonObject): DatasetInput {
  const dataset = readObject(from, 'dataset');
  const schema = readTextOr(dataset, 'schema', null);
  const profile = readTextOr(dataset, 'profile', null);
  return {
    dataset: {
      name: readText(dataset, 'name'),
      digest: readText(dataset, 'digest'),
      sourceType: readTextOr(dataset, 'source_type', ''),
      source: readTextOr(dataset, 'source', ''),
      ...(schema !== null && { schema }),
      ...(profile !== null && { profile }),
    },
    tags: readPairs(from, 'tags'),
  };
}
