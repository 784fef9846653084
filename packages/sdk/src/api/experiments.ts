import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../errors/errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { CreateExperimentOptions, Experiment, Experiments } from '../model/experiment.ts';
import type { CallOptions } from '../model/values.ts';
import type { Calls } from './calls.ts';
import { readInt64, readObject, readObjects, readPairs, readText, readTextOr } from './read.ts';
import { createSearch, pageSize } from './search.ts';
import { viewType } from './view.ts';
import { writePairs, writeTag } from './write.ts';

/** In the words of SQLite, PostgreSQL, MySQL and SQL Server. */
const BREAKS_UNIQUENESS = /UNIQUE constraint failed|unique constraint|Duplicate entry|duplicate key/i;

const PAGE = { usual: 1000, most: 50_000 };

export function createExperiments(calls: Calls): Experiments {
  const get = async (experimentId: string, options?: CallOptions) =>
    readExperiment(await calls.get('experiments/get', { experiment_id: experimentId }, options));
  const findByName = (name: string, options?: CallOptions) => findExperiment(calls, name, options);
  return {
    get,
    findByName,
    create: async (name, options) => get(await create(calls.post, name, options), options),
    getOrCreate: async (name, options) =>
      active((await findByName(name, options)) ?? (await makeOrFind(calls, name, options))),
    rename: (experimentId, name, options) => rename(calls, experimentId, name, options),
    delete: async (experimentId, options) => {
      await calls.post('experiments/delete', { experiment_id: experimentId }, options);
    },
    restore: async (experimentId, options) => {
      await calls.post('experiments/restore', { experiment_id: experimentId }, options);
    },
    setTag: async (experimentId, key, value, options) => {
      const body = { experiment_id: experimentId, ...writeTag(key, value) };
      await calls.postRepeatably('experiments/set-experiment-tag', body, options);
    },
    search: (options = {}) =>
      createSearch(async (pageToken) => {
        const body = {
          view_type: viewType(options.view),
          filter: options.filter,
          order_by: options.orderBy && [...options.orderBy],
          max_results: pageSize(options.pageSize, PAGE),
          page_token: pageToken,
        };
        const answer = await calls.postRepeatably('experiments/search', body, options);
        return {
          items: readObjects(answer, 'experiments').map(toExperiment),
          nextPageToken: readTextOr(answer, 'next_page_token', null),
        };
      }),
  };
}

async function findExperiment(
  calls: Calls,
  name: string,
  options?: CallOptions,
): Promise<Experiment | undefined> {
  try {
    return readExperiment(await calls.get('experiments/get-by-name', { experiment_name: name }, options));
  } catch (error) {
    // A 404 without MLflow's own code is a wrong address, not an experiment that is missing.
    if (error instanceof NotFoundError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST') {
      return undefined;
    }
    throw error;
  }
}

async function create(
  post: Calls['post'],
  name: string,
  options: CreateExperimentOptions = {},
): Promise<string> {
  const { artifactLocation, tags } = options;
  const body = { name, artifact_location: artifactLocation, tags: tags && writePairs(tags) };
  return readText(await post('experiments/create', body, options), 'experiment_id');
}

/** Names are unique, so that creating twice is creating once; whoever comes second takes what the first has made. */
async function makeOrFind(
  calls: Calls,
  name: string,
  options?: CreateExperimentOptions,
): Promise<Experiment> {
  try {
    const experimentId = await create(calls.postRepeatably, name, options);
    return readExperiment(await calls.get('experiments/get', { experiment_id: experimentId }, options));
  } catch (error) {
    const found = error instanceof AlreadyExistsError && (await findExperiment(calls, name, options));
    if (found) {
      return found;
    }
    throw error;
  }
}

async function rename(
  calls: Calls,
  experimentId: string,
  name: string,
  options?: CallOptions,
): Promise<void> {
  try {
    await calls.postRepeatably(
      'experiments/update',
      { experiment_id: experimentId, new_name: name },
      options,
    );
  } catch (error) {
    // MLflow passes on what its database says, and calls it a bad request.
    if (error instanceof InvalidRequestError && BREAKS_UNIQUENESS.test(error.message)) {
      throw new AlreadyExistsError(`There is an experiment ${JSON.stringify(name)} already.`, {
        status: error.status ?? undefined,
        errorCode: error.errorCode ?? undefined,
        requestId: error.requestId ?? undefined,
      });
    }
    throw error;
  }
}

function active(experiment: Experiment): Experiment {
  if (experiment.lifecycleStage === 'deleted') {
    throw new InvalidRequestError(
      `The experiment "${experiment.name}" is deleted: restore it (experiments.restore('${experiment.experimentId}')) or take another name.`,
    );
  }
  return experiment;
}

function readExperiment(answer: JsonObject): Experiment {
  return toExperiment(readObject(answer, 'experiment'));
}

function toExperiment(from: JsonObject): Experiment {
  return {
    experimentId: readText(from, 'experiment_id'),
    name: readText(from, 'name'),
    artifactLocation: readTextOr(from, 'artifact_location', ''),
    lifecycleStage: readTextOr(from, 'lifecycle_stage', '') === 'deleted' ? 'deleted' : 'active',
    tags: readPairs(from, 'tags'),
    creationTime: readInt64(from, 'creation_time'),
    lastUpdateTime: readInt64(from, 'last_update_time'),
  };
}
