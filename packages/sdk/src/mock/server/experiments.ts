import type { JsonObject } from '../../http/client.ts';
import { find, type Searched } from '../filter/find.ts';
import { EXPERIMENTS } from '../filter/grammar.ts';
import { addExperiment, type Memory, type StoredExperiment } from './memory.ts';
import { checkExperimentName, checkExperimentTag } from './names.ts';
import { alreadyExists, invalid, notFound, serverError } from './refusals.ts';
import { optional, page, pairs, type Routes, required, stages, texts, toPairs } from './request.ts';

export function experimentRoutes(memory: Memory): Routes {
  return {
    'POST experiments/create': (fields) => ({ experiment_id: create(memory, fields).experimentId }),
    'GET experiments/get': (fields) => ({ experiment: toJson(stored(memory, fields)) }),
    'GET experiments/get-by-name': (fields) => {
      const name = required(fields, 'experiment_name');
      const experiment = named(memory, name);
      if (!experiment) throw notFound(`Could not find experiment with name '${name}'`);
      return { experiment: toJson(experiment) };
    },
    'POST experiments/update': (fields) => {
      const experiment = stored(memory, fields);
      if (experiment.lifecycleStage !== 'active')
        throw serverError('INVALID_STATE', 'Cannot rename a non-active experiment.');
      const name = checkExperimentName(required(fields, 'new_name'));
      if (named(memory, name) && name !== experiment.name) throw taken(name);
      Object.assign(experiment, { name, lastUpdateTime: memory.now() });
      return {};
    },
    'POST experiments/delete': (fields) => move(memory, fields, 'active', 'deleted'),
    'POST experiments/restore': (fields) => move(memory, fields, 'deleted', 'active'),
    'POST experiments/set-experiment-tag': (fields) => {
      const tag = checkExperimentTag([required(fields, 'key'), optional(fields, 'value') ?? '']);
      activeExperiment(memory, required(fields, 'experiment_id')).tags.set(...tag);
      return {};
    },
    'POST experiments/search': (fields) => search(memory, fields),
  };
}

/** Rejects one that is deleted, as a place for new things. */
export function activeExperiment(memory: Memory, experimentId: string): StoredExperiment {
  const experiment = stored(memory, { experiment_id: experimentId });
  if (experiment.lifecycleStage !== 'active') {
    throw invalid(
      `The experiment ${experimentId} must be in the 'active' state. Current state is ${experiment.lifecycleStage}.`,
    );
  }
  return experiment;
}

function create(memory: Memory, fields: JsonObject): StoredExperiment {
  const name = checkExperimentName(required(fields, 'name'));
  const tags = new Map(pairs(fields, 'tags').map(checkExperimentTag));
  const artifactLocation = optional(fields, 'artifact_location');
  if (named(memory, name)) throw taken(name);
  return addExperiment(memory, { name, tags, ...(artifactLocation && { artifactLocation }) });
}

function stored({ experiments }: Memory, fields: JsonObject): StoredExperiment {
  const experimentId = required(fields, 'experiment_id');
  if (!/^\s*[+-]?\d+\s*$/.test(experimentId)) {
    throw invalid(`Invalid experiment ID '${experimentId}'. Experiment ID must be a valid integer.`);
  }
  const experiment = experiments.get(String(BigInt(experimentId)));
  if (!experiment) throw missing(experimentId);
  return experiment;
}

function named({ experiments }: Memory, name: string): StoredExperiment | undefined {
  return [...experiments.values()].find((experiment) => experiment.name === name);
}

function missing(experimentId: string): Error {
  return notFound(`No Experiment with id=${experimentId} exists`);
}

function taken(name: string): Error {
  return alreadyExists(`Experiment(name=${name}) already exists.`);
}

/** Its runs go with it, those too that were deleted before. */
function move(
  memory: Memory,
  fields: JsonObject,
  from: StoredExperiment['lifecycleStage'],
  to: StoredExperiment['lifecycleStage'],
): JsonObject {
  const experiment = stored(memory, fields);
  if (experiment.lifecycleStage !== from) throw missing(experiment.experimentId);
  Object.assign(experiment, { lifecycleStage: to, lastUpdateTime: memory.now() });
  for (const run of memory.runs.values()) {
    if (run.experimentId === experiment.experimentId) run.lifecycleStage = to;
  }
  return {};
}

function search(memory: Memory, fields: JsonObject): JsonObject {
  const shown = stages(fields, 'view_type');
  const orderBy = texts(fields, 'order_by');
  const experiments = [...memory.experiments.values()].filter(({ lifecycleStage }) =>
    shown.includes(lifecycleStage),
  );
  const usualOrder =
    orderBy.length === 0 ? ['creation_time DESC', 'experiment_id ASC'] : ['experiment_id DESC'];
  const found = find(
    experiments,
    { filter: optional(fields, 'filter'), orderBy },
    { ...SEARCHED, usualOrder },
  );
  const { items, ...next } = page(found, fields);
  return { experiments: items.map(toJson), ...next };
}

const SEARCHED: Omit<Searched<StoredExperiment>, 'usualOrder'> = {
  grammar: EXPERIMENTS,
  look: (experiment, { kind, key }) => {
    const value = kind === 'tag' ? experiment.tags.get(key) : attributes(experiment)[key];
    return value === undefined ? [] : [value];
  },
};

function attributes(experiment: StoredExperiment): Readonly<Record<string, string | number>> {
  return {
    name: experiment.name,
    experiment_id: experiment.experimentId,
    experiment_number: Number(experiment.experimentId),
    creation_time: experiment.creationTime,
    last_update_time: experiment.lastUpdateTime,
  };
}

function toJson(experiment: StoredExperiment): JsonObject {
  return {
    experiment_id: experiment.experimentId,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    tags: toPairs(experiment.tags),
    creation_time: experiment.creationTime,
    last_update_time: experiment.lastUpdateTime,
  };
}
