import { readInt64 } from '../../api/read.ts';
import type { JsonObject } from '../../http/client.ts';
import type { RunStatus } from '../../model/run.ts';
import { activeExperiment } from './experiments.ts';
import type { Memory, StoredRun } from './memory.ts';
import { history } from './metrics.ts';
import { invalid, notFound } from './refusals.ts';
import { optional, page, pairs, type Routes, required, stages, texts } from './request.ts';
import { infoJson, runJson } from './run-json.ts';
import { searchRuns } from './run-search.ts';

const RUN_NAME = 'mlflow.runName';

export function runRoutes(memory: Memory): Routes {
  return {
    'POST runs/create': (fields) => ({ run: runJson(create(memory, fields)) }),
    'GET runs/get': (fields) => ({ run: runJson(storedRun(memory, fields)) }),
    'POST runs/update': (fields) => ({ run_info: infoJson(update(activeRun(memory, fields), fields)) }),
    'POST runs/delete': (fields) => {
      storedRun(memory, fields).lifecycleStage = 'deleted';
      return {};
    },
    'POST runs/restore': (fields) => {
      storedRun(memory, fields).lifecycleStage = 'active';
      return {};
    },
    'POST runs/search': (fields) => {
      const experimentIds = texts(fields, 'experiment_ids');
      const shown = stages(fields, 'run_view_type');
      const runs = [...memory.runs.values()].filter(
        (run) => experimentIds.includes(run.experimentId) && shown.includes(run.lifecycleStage),
      );
      const query = { filter: optional(fields, 'filter'), orderBy: texts(fields, 'order_by') };
      const { items, ...next } = page(searchRuns(runs, query), fields);
      return { runs: items.map(runJson), ...next };
    },
    'GET metrics/get-history': (fields) =>
      history(storedRun(memory, fields), required(fields, 'metric_key'), fields),
  };
}

export function storedRun({ runs }: Memory, fields: JsonObject): StoredRun {
  const runId = required(fields, 'run_id');
  const run = runs.get(runId);
  if (!run) throw notFound(`Run with id=${runId} not found`);
  return run;
}

/** Rejects one that is deleted: nothing of it changes. */
export function activeRun(memory: Memory, fields: JsonObject): StoredRun {
  const run = storedRun(memory, fields);
  if (run.lifecycleStage !== 'active') {
    throw invalid(
      `The run ${run.runId} must be in the 'active' state. Current state is ${run.lifecycleStage}.`,
    );
  }
  return run;
}

/** A run's name is a tag of it, too. */
export function setRunTag(run: StoredRun, [key, value]: [key: string, value: string]): void {
  if (key !== RUN_NAME) run.tags.set(key, value);
  else if (value !== '') rename(run, value);
}

function rename(run: StoredRun, name: string): void {
  run.runName = name;
  run.tags.set(RUN_NAME, name);
}

function create(memory: Memory, fields: JsonObject): StoredRun {
  const experiment = activeExperiment(memory, required(fields, 'experiment_id'));
  const tags = new Map(pairs(fields, 'tags'));
  const [given, tagged] = [optional(fields, 'run_name'), tags.get(RUN_NAME)];
  if (given && tagged && given !== tagged) {
    throw invalid(
      `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${given}', mlflow.runName='${tagged}').`,
    );
  }
  const made = memory.newRun();
  const runName = given || tagged || made.runName;
  const run: StoredRun = {
    runId: made.runId,
    experimentId: experiment.experimentId,
    runName,
    status: 'RUNNING',
    startTime: readInt64(fields, 'start_time'),
    endTime: undefined,
    artifactUri: `${experiment.artifactLocation.replace(/\/+$/, '')}/${made.runId}/artifacts`,
    lifecycleStage: 'active',
    userId: optional(fields, 'user_id') ?? '',
    params: new Map(),
    tags: tags.set(RUN_NAME, runName),
    metrics: new Map(),
    datasets: [],
  };
  memory.runs.set(run.runId, run);
  return run;
}

function update(run: StoredRun, fields: JsonObject): StoredRun {
  const status = optional(fields, 'status');
  const name = optional(fields, 'run_name');
  if (status !== undefined) run.status = status as RunStatus;
  if (fields['end_time'] !== undefined) run.endTime = readInt64(fields, 'end_time');
  if (name) rename(run, name);
  return run;
}
