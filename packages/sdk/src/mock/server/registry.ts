/** Finds what a request to the model registry is about. */
import type { JsonObject } from '../../http/client.ts';
import type { Memory, StoredModel, StoredVersion } from './memory.ts';
import { checkModelName } from './names.ts';
import { invalid, notFound } from './refusals.ts';
import { required } from './request.ts';

export interface Found {
  model: StoredModel;
  version: StoredVersion;
}

export function storedModel({ models }: Memory, fields: JsonObject): StoredModel {
  const name = checkModelName(required(fields, 'name'));
  const model = models.get(name);
  if (!model) throw notFound(`Registered Model with name=${name} not found`);
  return model;
}

export function storedVersion(memory: Memory, fields: JsonObject): Found {
  const number = required(fields, 'version');
  if (!/^\d+$/.test(number)) throw invalid(`Parameter 'version' must be an integer, got '${number}'.`);
  const name = required(fields, 'name');
  const model = memory.models.get(name);
  const version = model?.versions.get(Number(number));
  if (!model || !version) throw notFound(`Model Version (name=${name}, version=${number}) not found`);
  return { model, version };
}

export function aliasesOf(model: StoredModel, { version }: StoredVersion): string[] {
  return [...model.aliases].filter(([, aliased]) => aliased === version).map(([alias]) => alias);
}
