/** What a mock's server holds. */
import type { LifecycleStage } from '../../model/experiment.ts';
import type { ModelVersion } from '../../model/registry.ts';
import type { DatasetInput, RunStatus } from '../../model/run.ts';
import type { Int64 } from '../../model/values.ts';

export interface StoredExperiment {
  experimentId: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: LifecycleStage;
  tags: Map<string, string>;
  creationTime: number;
  lastUpdateTime: number;
}

/** A value of a metric as MLflow's SQL store keeps it: 0 and a mark for NaN, the largest numbers for the infinities. */
export interface Point {
  value: number;
  isNan: boolean;
  timestamp: Int64;
  step: Int64;
}

export interface StoredMetric {
  latest: Point;
  /** By all that they consist of: each is there once. */
  points: Map<string, Point>;
}

export interface StoredRun {
  runId: string;
  experimentId: string;
  runName: string;
  status: RunStatus;
  startTime: Int64;
  endTime: Int64 | undefined;
  artifactUri: string;
  lifecycleStage: LifecycleStage;
  userId: string;
  params: Map<string, string>;
  tags: Map<string, string>;
  metrics: Map<string, StoredMetric>;
  datasets: DatasetInput[];
}

export interface StoredVersion {
  version: number;
  description: string;
  source: string;
  storageLocation: string;
  runId: string;
  status: ModelVersion['status'];
  tags: Map<string, string>;
  creationTime: number;
  lastUpdateTime: number;
}

export interface StoredModel {
  name: string;
  description: string;
  tags: Map<string, string>;
  /** Versions by alias. */
  aliases: Map<string, number>;
  versions: Map<number, StoredVersion>;
  /** Numbers are not given a second time. */
  lastVersion: number;
  creationTime: number;
  lastUpdateTime: number;
}

export interface Memory {
  experiments: Map<string, StoredExperiment>;
  runs: Map<string, StoredRun>;
  models: Map<string, StoredModel>;
  /** By their paths below `mlflow-artifacts:/`. */
  artifacts: Map<string, Uint8Array>;
  /** Milliseconds since the epoch. */
  now: () => number;
  newRun: () => { runId: string; runName: string };
}

const DEFAULT_EXPERIMENT = { experimentId: '0', name: 'Default' };

/** A server without experiments but the default one, as MLflow's begin. */
export function createMemory({ now, newRun }: Pick<Memory, 'now' | 'newRun'>): Memory {
  const memory: Memory = {
    experiments: new Map(),
    runs: new Map(),
    models: new Map(),
    artifacts: new Map(),
    now,
    newRun,
  };
  addExperiment(memory, DEFAULT_EXPERIMENT);
  return memory;
}

export function addExperiment(
  { experiments, now }: Memory,
  given: Pick<StoredExperiment, 'name'> & Partial<StoredExperiment>,
): StoredExperiment {
  const experimentId = given.experimentId ?? String(experiments.size);
  const time = now();
  const experiment: StoredExperiment = {
    experimentId,
    artifactLocation: `mlflow-artifacts:/${experimentId}`,
    lifecycleStage: 'active',
    tags: new Map(),
    creationTime: time,
    lastUpdateTime: time,
    ...given,
  };
  experiments.set(experimentId, experiment);
  return experiment;
}
