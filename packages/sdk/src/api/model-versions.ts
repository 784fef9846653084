import { InvalidRequestError, NotFoundError } from '../errors/errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { CreateVersionOptions, Models, ModelVersion } from '../model/registry.ts';
import type { CallOptions } from '../model/values.ts';
import type { Calls } from './calls.ts';
import { readInt64, readObject, readPairs, readText, readTextOr, readTexts } from './read.ts';
import { searchRegistry } from './registry-search.ts';
import { writePairs, writeTag } from './write.ts';

const PAGE = { usual: 1000, most: 200_000 };
const SEARCH = { path: 'model-versions/search', member: 'model_versions', read: toVersion, page: PAGE };

type Versions = Pick<
  Models,
  | 'createVersion'
  | 'getVersion'
  | 'getVersionByAlias'
  | 'describeVersion'
  | 'deleteVersion'
  | 'setVersionTag'
  | 'deleteVersionTag'
  | 'downloadUri'
  | 'searchVersions'
>;

export function createVersions(calls: Calls): Versions {
  return {
    ...oneVersion(calls),
    searchVersions: (options) => searchRegistry(calls, SEARCH, options),
  };
}

function oneVersion(calls: Calls): Omit<Versions, 'searchVersions'> {
  return {
    createVersion: (name, options) => createVersion(calls, name, options),
    getVersion: async (name, version, options) =>
      readVersion(await calls.get('model-versions/get', { name, version }, options)),
    getVersionByAlias: (name, alias, options) => getVersionByAlias(calls, name, alias, options),
    describeVersion: async (name, version, description, options) => {
      await calls.patch('model-versions/update', { name, version, description }, options);
    },
    deleteVersion: async (name, version, options) => {
      await calls.delete('model-versions/delete', { name, version }, options);
    },
    setVersionTag: async (name, version, key, value, options) => {
      await calls.postRepeatably(
        'model-versions/set-tag',
        { name, version, ...writeTag(key, value) },
        options,
      );
    },
    deleteVersionTag: async (name, version, key, options) => {
      await calls.deleteRepeatably('model-versions/delete-tag', { name, version, key }, options);
    },
    downloadUri: async (name, version, options) =>
      readText(
        await calls.get('model-versions/get-download-uri', { name, version }, options),
        'artifact_uri',
      ),
  };
}

async function getVersionByAlias(
  calls: Calls,
  name: string,
  alias: string,
  options?: CallOptions,
): Promise<ModelVersion> {
  try {
    return readVersion(await calls.get('registered-models/alias', { name, alias }, options));
  } catch (error) {
    // MLflow calls it an invalid parameter.
    if (!(error instanceof InvalidRequestError) || !error.message.endsWith('not found.')) {
      throw error;
    }
    const { errorCode, status, requestId } = error;
    throw new NotFoundError(error.message, {
      errorCode: errorCode ?? undefined,
      status: status ?? undefined,
      requestId: requestId ?? undefined,
      cause: error,
    });
  }
}

/** @param options with `modelId` for a logged model of MLflow 3, which servers of 2.x would ignore */
export async function createVersion(
  calls: Calls,
  name: string,
  options: CreateVersionOptions & { modelId?: string },
): Promise<ModelVersion> {
  const { source, description, tags } = options;
  const body = {
    name,
    source,
    run_id: options.runId ?? runIdIn(source),
    model_id: options.modelId,
    description,
    tags: tags && writePairs(tags),
  };
  return readVersion(await calls.post('model-versions/create', body, options));
}

/** MLflow 3 refuses `runs:/<run id>/…` without the id as a field of its own. */
function runIdIn(source: string): string | undefined {
  return /^runs:\/([^/]+)\//.exec(source)?.[1];
}

function readVersion(answer: JsonObject): ModelVersion {
  return toVersion(readObject(answer, 'model_version'));
}

function toVersion(from: JsonObject): ModelVersion {
  return {
    name: readText(from, 'name'),
    version: readText(from, 'version'),
    description: readTextOr(from, 'description', ''),
    source: readTextOr(from, 'source', ''),
    // Servers say "" where there is none.
    runId: readTextOr(from, 'run_id', '') || null,
    status: readTextOr(from, 'status', 'READY') as ModelVersion['status'],
    tags: readPairs(from, 'tags'),
    aliases: readTexts(from, 'aliases'),
    creationTime: readInt64(from, 'creation_timestamp'),
    lastUpdateTime: readInt64(from, 'last_updated_timestamp'),
  };
}
