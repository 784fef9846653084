import type { JsonObject } from '../../http/client.ts';
import { find, type Searched, type Value } from '../filter/find.ts';
import { VERSIONS } from '../filter/grammar.ts';
import type { Memory, StoredModel, StoredVersion } from './memory.ts';
import { checkKey, checkRegistryTag } from './names.ts';
import { invalid } from './refusals.ts';
import { aliasesOf, type Found, storedModel, storedVersion } from './registry.ts';
import { optional, page, pairs, type Routes, required, texts, toPairs } from './request.ts';

export function versionRoutes(memory: Memory): Routes {
  const get = (fields: JsonObject) => storedVersion(memory, fields);
  return {
    'POST model-versions/create': (fields) => ({ model_version: toJson(create(memory, fields)) }),
    'GET model-versions/get': (fields) => ({ model_version: toJson(get(fields)) }),
    'GET registered-models/alias': (fields) => ({ model_version: toJson(byAlias(memory, fields)) }),
    'GET model-versions/get-download-uri': (fields) => ({
      artifact_uri: get(fields).version.storageLocation,
    }),
    'PATCH model-versions/update': (fields) => {
      const found = get(fields);
      const description = optional(fields, 'description') ?? '';
      Object.assign(found.version, { description, lastUpdateTime: memory.now() });
      return { model_version: toJson(found) };
    },
    'DELETE model-versions/delete': (fields) => {
      const { model, version } = get(fields);
      model.versions.delete(version.version);
      for (const alias of aliasesOf(model, version)) model.aliases.delete(alias);
      model.lastUpdateTime = memory.now();
      return {};
    },
    'POST model-versions/set-tag': (fields) => {
      const tag = checkRegistryTag([required(fields, 'key'), optional(fields, 'value') ?? '']);
      get(fields).version.tags.set(...tag);
      return {};
    },
    'DELETE model-versions/delete-tag': (fields) => {
      get(fields).version.tags.delete(checkKey(required(fields, 'key')));
      return {};
    },
    'GET model-versions/search': (fields) => search(memory, fields),
  };
}

/** `latest` is an alias of every model. */
function byAlias(memory: Memory, fields: JsonObject): Found {
  const alias = required(fields, 'alias');
  const model = storedModel(memory, fields);
  const isLatest = alias.toLowerCase() === 'latest';
  const number = isLatest ? Math.max(...model.versions.keys()) : model.aliases.get(alias);
  const version = number === undefined ? undefined : model.versions.get(number);
  if (!version) throw invalid(`Registered model alias ${alias} not found.`);
  return { model, version };
}

function create(memory: Memory, fields: JsonObject): Found {
  const source = required(fields, 'source');
  const runId = optional(fields, 'run_id') ?? '';
  const tags = new Map(pairs(fields, 'tags').map(checkRegistryTag));
  checkSource(source, runId);
  const model = storedModel(memory, fields);
  const time = memory.now();
  const version: StoredVersion = {
    ...{ version: model.lastVersion + 1, source, storageLocation: storageLocation(memory, source), runId },
    ...{ description: optional(fields, 'description') ?? '', tags, status: 'READY' },
    ...{ creationTime: time, lastUpdateTime: time },
  };
  model.versions.set(version.version, version);
  Object.assign(model, { lastVersion: version.version, lastUpdateTime: time });
  return { model, version };
}

/** Files of the server's machine belong to nobody's model, nor do those of a run that is not named. */
function checkSource(source: string, runId: string): void {
  const isLocal = !/^[A-Za-z][A-Za-z0-9+.-]*:/.test(source) || source.startsWith('file:');
  const run = /^runs:\/([^/]+)/.exec(source)?.[1];
  if (isLocal || (run !== undefined && run !== runId)) {
    throw invalid(`Invalid model version source: '${source}'.`);
  }
}

/** A version may be made from another one: `models:/<name>/<version>`. */
function storageLocation(memory: Memory, source: string): string {
  const [, name, version] = /^models:\/([^/]+)\/(\d+)$/.exec(source) ?? [];
  if (name === undefined || version === undefined) return source;
  return storedVersion(memory, { name, version }).version.storageLocation;
}

function search(memory: Memory, fields: JsonObject): JsonObject {
  const all = [...memory.models.values()].flatMap((model) =>
    [...model.versions.values()].map((version) => ({ model, version })),
  );
  const orderBy = texts(fields, 'order_by');
  const usualOrder = ['name ASC', 'version_number DESC'];
  if (orderBy.length === 0) usualOrder.unshift('last_updated_timestamp DESC');
  const found = find(all, { filter: optional(fields, 'filter'), orderBy }, { ...SEARCHED, usualOrder });
  const { items, ...next } = page(found, fields);
  return { model_versions: items.map(toJson), ...next };
}

const SEARCHED: Omit<Searched<Found>, 'usualOrder'> = {
  grammar: VERSIONS,
  look: ({ model, version }, { kind, key }) => {
    const value = kind === 'tag' ? version.tags.get(key) : attributes(model, version)[key];
    return value === undefined ? [] : [value];
  },
};

function attributes(model: StoredModel, version: StoredVersion): Readonly<Record<string, Value>> {
  return {
    name: model.name,
    version_number: version.version,
    run_id: version.runId,
    source_path: version.source,
    creation_timestamp: version.creationTime,
    last_updated_timestamp: version.lastUpdateTime,
  };
}

function toJson({ model, version }: Found): JsonObject {
  return {
    name: model.name,
    version: String(version.version),
    description: version.description,
    source: version.source,
    run_id: version.runId,
    status: version.status,
    tags: toPairs(version.tags),
    aliases: aliasesOf(model, version),
    creation_timestamp: version.creationTime,
    last_updated_timestamp: version.lastUpdateTime,
  };
}
