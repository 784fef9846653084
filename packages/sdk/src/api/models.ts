import type { JsonObject } from '../http/json.ts';
import type { Models, RegisteredModel } from '../model/registry.ts';
import type { Calls } from './calls.ts';
import { createVersions } from './model-versions.ts';
import { readInt64, readObject, readObjects, readPairs, readText, readTextOr } from './read.ts';
import { searchRegistry } from './registry-search.ts';
import { writePairs, writeTag } from './write.ts';

const PAGE = { usual: 1000, most: 1000 };
const SEARCH = { path: 'registered-models/search', member: 'registered_models', read: toModel, page: PAGE };

/** The model registry, but for what takes a run too. */
export function createModels(calls: Calls): Omit<Models, 'registerFromRun' | 'download'> {
  return {
    ...createVersions(calls),
    ...registeredModels(calls),
    search: (options) => searchRegistry(calls, SEARCH, options),
  };
}

type RegisteredModels = Pick<
  Models,
  'create' | 'get' | 'rename' | 'describe' | 'delete' | 'setTag' | 'deleteTag' | 'setAlias' | 'deleteAlias'
>;

function registeredModels(calls: Calls): RegisteredModels {
  return {
    create: async (name, options = {}) => {
      const { description, tags } = options;
      const body = { name, description, tags: tags && writePairs(tags) };
      return readModel(await calls.post('registered-models/create', body, options));
    },
    get: async (name, options) => readModel(await calls.get('registered-models/get', { name }, options)),
    rename: async (name, newName, options) => {
      await calls.post('registered-models/rename', { name, new_name: newName }, options);
    },
    describe: async (name, description, options) => {
      await calls.patch('registered-models/update', { name, description }, options);
    },
    delete: async (name, options) => {
      await calls.delete('registered-models/delete', { name }, options);
    },
    setTag: async (name, key, value, options) => {
      await calls.postRepeatably('registered-models/set-tag', { name, ...writeTag(key, value) }, options);
    },
    deleteTag: async (name, key, options) => {
      await calls.deleteRepeatably('registered-models/delete-tag', { name, key }, options);
    },
    setAlias: async (name, alias, version, options) => {
      await calls.postRepeatably('registered-models/alias', { name, alias, version }, options);
    },
    deleteAlias: async (name, alias, options) => {
      await calls.deleteRepeatably('registered-models/alias', { name, alias }, options);
    },
  };
}

function readModel(answer: JsonObject): RegisteredModel {
  return toModel(readObject(answer, 'registered_model'));
}

function toModel(from: JsonObject): RegisteredModel {
  return {
    name: readText(from, 'name'),
    description: readTextOr(from, 'description', ''),
    tags: readPairs(from, 'tags'),
    aliases: Object.fromEntries(
      readObjects(from, 'aliases').map((alias) => [readText(alias, 'alias'), readText(alias, 'version')]),
    ),
    creationTime: readInt64(from, 'creation_timestamp'),
    lastUpdateTime: readInt64(from, 'last_updated_timestamp'),
  };
}
