import type { JsonObject } from '../http/json.ts';
import type { Batch, Dataset, Metric, ParamValue, RunInfo, RunRecord, RunStatus } from '../model/run.ts';
import type { CallOptions, Int64, Search, SearchOptions, View } from '../model/values.ts';
import type { Calls } from './calls.ts';
import { readInt64, readObject, readObjects, readTextOr } from './read.ts';
import { toMetric, toRunInfo, toRunRecord } from './run-records.ts';
import { type AskForPage, createSearch, pageSize } from './search.ts';
import { viewType } from './view.ts';
import { writeDataset, writeMetric, writePairs, writeParam, writeParams, writeTag } from './write.ts';

const RUNS_PAGE = { usual: 1000, most: 50_000 };
const METRICS_PAGE = { usual: 10_000, most: 25_000 };

export interface NewRun {
  experimentId: string;
  runName: string | undefined;
  startTime: Int64;
  tags: Readonly<Record<string, string>>;
  userId: string | undefined;
}

export interface RunChanges {
  runName?: string;
  status?: RunStatus;
  /** 0: none. */
  endTime?: Int64;
}

/** MLflow's calls about runs. */
export interface RunCalls {
  create(run: NewRun, options?: CallOptions): Promise<RunInfo>;
  get(runId: string, options?: CallOptions): Promise<RunRecord>;
  update(runId: string, changes: RunChanges, options?: CallOptions): Promise<RunInfo>;
  delete(runId: string, options?: CallOptions): Promise<void>;
  restore(runId: string, options?: CallOptions): Promise<void>;
  search(experimentIds: readonly string[], options: SearchOptions & { view?: View }): AskForPage<RunRecord>;
  metricHistory(runId: string, key: string, options?: CallOptions & { pageSize?: number }): Search<Metric>;
  /** At most 1000 metrics, 100 params, 100 tags, 1000 of all: they are stored all, or none is. */
  logBatch(runId: string, batch: Batch, options?: CallOptions): Promise<void>;
  logParam(runId: string, key: string, value: ParamValue, options?: CallOptions): Promise<void>;
  setTag(runId: string, key: string, value: string, options?: CallOptions): Promise<void>;
  deleteTag(runId: string, key: string, options?: CallOptions): Promise<void>;
  logInput(
    runId: string,
    dataset: Dataset,
    tags: Readonly<Record<string, string>>,
    options?: CallOptions,
  ): Promise<void>;
  /** The steps of the models that the run has logged, by their ids. */
  loggedModelSteps(runId: string, options?: CallOptions): Promise<ReadonlyMap<string, Int64>>;
}

export function createRunCalls(calls: Calls): RunCalls {
  const getRun = async (runId: string, options?: CallOptions) =>
    readObject(await calls.get('runs/get', { run_id: runId }, options), 'run');
  return {
    ...lifecycleCalls(calls),
    ...loggingCalls(calls),
    get: async (runId, options) => toRunRecord(await getRun(runId, options)),
    search: (experimentIds, options) => searchPage(calls, experimentIds, options),
    metricHistory: (runId, key, options = {}) =>
      createSearch(async (pageToken) => {
        const max = pageSize(options.pageSize, METRICS_PAGE);
        const query = { run_id: runId, metric_key: key, max_results: max, page_token: pageToken };
        const answer = await calls.get('metrics/get-history', query, options);
        return {
          items: readObjects(answer, 'metrics').map(toMetric),
          nextPageToken: readTextOr(answer, 'next_page_token', null),
        };
      }),
    loggedModelSteps: async (runId, options) => {
      const run = await getRun(runId, options);
      const outputs = run['outputs'] === undefined ? {} : readObject(run, 'outputs');
      return new Map(
        readObjects(outputs, 'model_outputs').map((output) => [
          readTextOr(output, 'model_id', ''),
          readInt64(output, 'step'),
        ]),
      );
    },
  };
}

function lifecycleCalls(calls: Calls): Pick<RunCalls, 'create' | 'update' | 'delete' | 'restore'> {
  return {
    create: async ({ experimentId, runName, startTime, tags, userId }, options) => {
      const body = {
        experiment_id: experimentId,
        run_name: runName,
        start_time: startTime,
        user_id: userId,
        tags: writePairs(tags),
      };
      return readInfo(readObject(await calls.post('runs/create', body, options), 'run'), 'info');
    },
    update: async (runId, { runName, status, endTime }, options) => {
      const body = { run_id: runId, run_name: runName, status, end_time: endTime };
      return readInfo(await calls.postRepeatably('runs/update', body, options), 'run_info');
    },
    delete: async (runId, options) => {
      await calls.postRepeatably('runs/delete', { run_id: runId }, options);
    },
    restore: async (runId, options) => {
      await calls.postRepeatably('runs/restore', { run_id: runId }, options);
    },
  };
}

type Logging = Pick<RunCalls, 'logBatch' | 'logParam' | 'setTag' | 'deleteTag' | 'logInput'>;

function loggingCalls(calls: Calls): Logging {
  return {
    // A metric is one point of its key, value, time and step, however often it comes; params don't change; tags are set.
    logBatch: async (runId, { metrics = [], params = {}, tags = {} }, options) => {
      const body = {
        run_id: runId,
        metrics: metrics.map(writeMetric),
        params: writeParams(params),
        tags: writePairs(tags),
      };
      await calls.postRepeatably('runs/log-batch', body, options);
    },
    logParam: async (runId, key, value, options) => {
      await calls.postRepeatably(
        'runs/log-parameter',
        { run_id: runId, key, value: writeParam(key, value) },
        options,
      );
    },
    setTag: async (runId, key, value, options) => {
      await calls.postRepeatably('runs/set-tag', { run_id: runId, ...writeTag(key, value) }, options);
    },
    deleteTag: async (runId, key, options) => {
      await calls.post('runs/delete-tag', { run_id: runId, key }, options);
    },
    logInput: async (runId, dataset, tags, options) => {
      const input = { dataset: writeDataset(dataset), tags: writePairs(tags) };
      await calls.postRepeatably('runs/log-inputs', { run_id: runId, datasets: [input] }, options);
    },
  };
}

function searchPage(
  calls: Calls,
  experimentIds: readonly string[],
  options: SearchOptions & { view?: View },
): AskForPage<RunRecord> {
  return async (pageToken) => {
    const body = {
      experiment_ids: [...experimentIds],
      filter: options.filter,
      run_view_type: viewType(options.view),
      order_by: options.orderBy && [...options.orderBy],
      max_results: pageSize(options.pageSize, RUNS_PAGE),
      page_token: pageToken,
    };
    const answer = await calls.postRepeatably('runs/search', body, options);
    return {
      items: readObjects(answer, 'runs').map(toRunRecord),
      nextPageToken: readTextOr(answer, 'next_page_token', null),
    };
  };
}

function readInfo(from: JsonObject, field: string): RunInfo {
  return toRunInfo(readObject(from, field));
}
