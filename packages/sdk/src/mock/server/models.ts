import type { JsonObject } from '../../http/client.ts';
import { find, type Searched } from '../filter/find.ts';
import { MODELS } from '../filter/grammar.ts';
import type { Memory, StoredModel } from './memory.ts';
import { checkAlias, checkKey, checkModelName, checkRegistryTag } from './names.ts';
import { alreadyExists } from './refusals.ts';
import { storedModel, storedVersion } from './registry.ts';
import { optional, page, pairs, type Routes, required, texts, toPairs } from './request.ts';

export function modelRoutes(memory: Memory): Routes {
  return {
    'POST registered-models/create': (fields) => ({ registered_model: toJson(create(memory, fields)) }),
    'GET registered-models/get': (fields) => ({ registered_model: toJson(storedModel(memory, fields)) }),
    'POST registered-models/rename': (fields) => ({ registered_model: toJson(rename(memory, fields)) }),
    'PATCH registered-models/update': (fields) => {
      const model = storedModel(memory, fields);
      const changes = { description: optional(fields, 'description') ?? '', lastUpdateTime: memory.now() };
      return { registered_model: toJson(Object.assign(model, changes)) };
    },
    'DELETE registered-models/delete': (fields) => {
      memory.models.delete(storedModel(memory, fields).name);
      return {};
    },
    'POST registered-models/set-tag': (fields) => {
      const tag = checkRegistryTag([required(fields, 'key'), optional(fields, 'value') ?? '']);
      storedModel(memory, fields).tags.set(...tag);
      return {};
    },
    'DELETE registered-models/delete-tag': (fields) => {
      storedModel(memory, fields).tags.delete(checkKey(required(fields, 'key')));
      return {};
    },
    'POST registered-models/alias': (fields) => {
      const alias = checkAlias(required(fields, 'alias'));
      const { model, version } = storedVersion(memory, fields);
      model.aliases.set(alias, version.version);
      return {};
    },
    'DELETE registered-models/alias': (fields) => {
      storedModel(memory, fields).aliases.delete(required(fields, 'alias'));
      return {};
    },
    'GET registered-models/search': (fields) => {
      const query = { filter: optional(fields, 'filter'), orderBy: texts(fields, 'order_by') };
      const { items, ...next } = page(find(memory.models.values(), query, SEARCHED), fields);
      return { registered_models: items.map(toJson), ...next };
    },
  };
}

function create({ models, now }: Memory, fields: JsonObject): StoredModel {
  const name = checkModelName(required(fields, 'name'));
  const tags = new Map(pairs(fields, 'tags').map(checkRegistryTag));
  if (models.has(name)) throw taken(name);
  const time = now();
  const model: StoredModel = {
    ...{ name, tags, description: optional(fields, 'description') ?? '' },
    ...{ aliases: new Map(), versions: new Map(), lastVersion: 0 },
    ...{ creationTime: time, lastUpdateTime: time },
  };
  models.set(name, model);
  return model;
}

function rename(memory: Memory, fields: JsonObject): StoredModel {
  const { models, now } = memory;
  const name = checkModelName(required(fields, 'new_name'));
  const model = storedModel(memory, fields);
  if (name !== model.name && models.has(name)) throw taken(name);
  models.delete(model.name);
  models.set(name, Object.assign(model, { name, lastUpdateTime: now() }));
  for (const version of model.versions.values()) version.lastUpdateTime = model.lastUpdateTime;
  return model;
}

function taken(name: string): Error {
  return alreadyExists(`Registered Model (name=${name}) already exists.`);
}

const SEARCHED: Searched<StoredModel> = {
  grammar: MODELS,
  look: ({ name, tags, lastUpdateTime }, { kind, key }) => {
    const attribute = key === 'name' ? name : lastUpdateTime;
    const value = kind === 'tag' ? tags.get(key) : attribute;
    return value === undefined ? [] : [value];
  },
  usualOrder: ['name ASC'],
};

function toJson(model: StoredModel): JsonObject {
  return {
    name: model.name,
    description: model.description,
    tags: toPairs(model.tags),
    aliases: [...model.aliases].map(([alias, version]) => ({ alias, version: String(version) })),
    creation_timestamp: model.creationTime,
    last_updated_timestamp: model.lastUpdateTime,
  };
}
