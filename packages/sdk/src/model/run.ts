import type { RunArtifacts } from './artifact.ts';
import type { LifecycleStage } from './experiment.ts';
import type { ModelVersion } from './registry.ts';
import type { CallOptions, Int64, Search, SearchOptions, View } from './values.ts';

export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';
export type FinalStatus = 'FINISHED' | 'FAILED' | 'KILLED';

/** A value of a metric at a step. */
export interface Metric {
  key: string;
  /** Also NaN and the infinities. */
  value: number;
  /** Milliseconds since the epoch. */
  timestamp: Int64;
  step: Int64;
}

export interface RunInfo {
  runId: string;
  experimentId: string;
  runName: string;
  status: RunStatus;
  /** Milliseconds since the epoch. */
  startTime: Int64;
  /** null while it runs. */
  endTime: Int64 | null;
  artifactUri: string;
  lifecycleStage: LifecycleStage;
  userId: string;
}

/** A run as the server has it. */
export interface RunRecord {
  info: RunInfo;
  params: Readonly<Record<string, string>>;
  /** The latest value of each metric. */
  metrics: Readonly<Record<string, Metric>>;
  tags: Readonly<Record<string, string>>;
  datasets: readonly DatasetInput[];
}

/** A dataset, as MLflow describes it. */
export interface Dataset {
  name: string;
  /** Of its contents. */
  digest: string;
  /** E.g. `local`, `s3`, `http`. */
  sourceType: string;
  /** In JSON, e.g. `{"uri": "s3://bucket/train.parquet"}`. */
  source: string;
  /** In JSON. */
  schema?: string;
  /** In JSON, e.g. the number of rows. */
  profile?: string;
}

export interface DatasetInput {
  dataset: Dataset;
  /** E.g. `mlflow.data.context` = `training`. */
  tags: Readonly<Record<string, string>>;
}

/** A param's value, written down by `String`. */
export type ParamValue = string | number | bigint | boolean;

export interface MetricOptions {
  /** 0 if absent. */
  step?: Int64;
  /** Milliseconds since the epoch; now if absent. */
  timestamp?: Int64;
}

export interface StartRunOptions extends CallOptions {
  /** Made up by the server if absent. */
  runName?: string;
  /** The configured experiment if neither is given. */
  experimentId?: string;
  /** Made if there is none of that name. */
  experimentName?: string;
  tags?: Readonly<Record<string, string>>;
  description?: string;
  /** Makes it a nested run of that one, in its experiment unless another is named. */
  parentRunId?: string;
  /** Milliseconds since the epoch; now if absent. */
  startTime?: Int64;
}

export interface EndRunOptions extends CallOptions {
  /** Milliseconds since the epoch; now if absent. */
  endTime?: Int64;
}

/** What is logged at once: all of it in as few requests as the server's bounds allow. */
export interface Batch {
  metrics?: readonly Metric[];
  params?: Readonly<Record<string, ParamValue>>;
  tags?: Readonly<Record<string, string>>;
}

/**
 * A run that this program writes. Metrics wait in a buffer that is sent by size and by time, in the order in which they
 * were logged; all else is sent when it is asked for. Whatever was logged before `flush()` or `end()` was called is on the
 * server when they resolve; if some of it can't be stored they reject, saying what: with a `BufferError` where the server
 * refuses metrics for good, with the error of the connection where it could not be reached; those are kept, and sent first
 * next time. After its end a run takes no more: `runs.resume` goes on with it.
 */
export interface Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly runName: string;
  readonly artifacts: RunArtifacts;

  /** Rejects with `InvalidRequestError` if it has another value already: params don't change. */
  logParam(key: string, value: ParamValue, options?: CallOptions): Promise<void>;
  logParams(params: Readonly<Record<string, ParamValue>>, options?: CallOptions): Promise<void>;
  /** Resolves when the buffer has it, which takes as long as the server needs once the buffer is full. */
  logMetric(key: string, value: number, options?: MetricOptions): Promise<void>;
  logMetrics(values: Readonly<Record<string, number>>, options?: MetricOptions): Promise<void>;
  /** Resolves when the server has it, after whatever waits in the buffer. */
  logBatch(batch: Batch, options?: CallOptions): Promise<void>;
  setTag(key: string, value: string, options?: CallOptions): Promise<void>;
  setTags(tags: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
  deleteTag(key: string, options?: CallOptions): Promise<void>;
  logInput(
    dataset: Dataset,
    options?: CallOptions & { context?: string; tags?: Readonly<Record<string, string>> },
  ): Promise<void>;
  /** A nested run. */
  startRun(options?: Omit<StartRunOptions, 'parentRunId'>): Promise<Run>;
  withRun<Result>(
    options: Omit<StartRunOptions, 'parentRunId'>,
    work: (run: Run) => Result | Promise<Result>,
  ): Promise<Result>;
  /** Registers what `artifactPath` of this run holds as a new version, and the model if there is none of that name. */
  registerModel(
    name: string,
    artifactPath: string,
    options?: CallOptions & { tags?: Readonly<Record<string, string>>; description?: string },
  ): Promise<ModelVersion>;
  flush(options?: CallOptions): Promise<void>;
  /** Sends what waits, then ends the run; FINISHED if no status is given. A second end does nothing. */
  end(status?: FinalStatus, options?: EndRunOptions): Promise<void>;
}

export interface SearchRunsOptions extends SearchOptions {
  /** The configured experiment if neither is given. */
  experimentIds?: readonly string[];
  experimentNames?: readonly string[];
  view?: View;
}

/** Runs of the server: `manager.runs`. */
export interface Runs {
  /** Rejects with `NotFoundError`. */
  get(runId: string, options?: CallOptions): Promise<RunRecord>;
  /** All values of a metric, in the order in which the server keeps them. */
  metricHistory(runId: string, key: string, options?: CallOptions & { pageSize?: number }): Search<Metric>;
  update(
    runId: string,
    changes: { runName?: string; status?: RunStatus; endTime?: Int64 },
    options?: CallOptions,
  ): Promise<void>;
  delete(runId: string, options?: CallOptions): Promise<void>;
  restore(runId: string, options?: CallOptions): Promise<void>;
  search(options?: SearchRunsOptions): Search<RunRecord>;
  /** Goes on with a run that is there: what is logged is added to it, and it is RUNNING again until its end. */
  resume(runId: string, options?: CallOptions): Promise<Run>;
}
