import { readObject, readObjects, readText, readTextOr } from '../../api/read.ts';
import type { JsonObject } from '../../http/client.ts';
import type { DatasetInput } from '../../model/run.ts';
import type { Memory, StoredRun } from './memory.ts';
import { addPoint, readPoint } from './metrics.ts';
import { checkKey, paramValue, runTagValue } from './names.ts';
import { invalid, notFound } from './refusals.ts';
import { optional, pairs, type Routes, required } from './request.ts';
import { activeRun, setRunTag } from './runs.ts';

export function loggingRoutes(memory: Memory): Routes {
  return {
    'POST runs/log-batch': (fields) => logBatch(memory, fields),
    'POST runs/log-parameter': (fields) => {
      const param = checkParam([required(fields, 'key'), optional(fields, 'value') ?? '']);
      const run = activeRun(memory, fields);
      checkUnchanged(run, [param]);
      run.params.set(...param);
      return {};
    },
    'POST runs/set-tag': (fields) => {
      const tag = checkTag([required(fields, 'key'), optional(fields, 'value') ?? '']);
      setRunTag(activeRun(memory, fields), tag);
      return {};
    },
    'POST runs/delete-tag': (fields) => {
      const run = activeRun(memory, fields);
      const key = required(fields, 'key');
      if (!run.tags.delete(key)) throw notFound(`No tag with name: ${key} in run with id ${run.runId}`);
      return {};
    },
    'POST runs/log-inputs': (fields) => {
      const run = activeRun(memory, fields);
      for (const input of readObjects(fields, 'datasets').map(readInput)) addInput(run, input);
      return {};
    },
  };
}

const BOUNDS = { metrics: 1000, params: 100, tags: 100 } as const;
const MAX_ENTITIES = 1000;

/** All that is refused is refused before anything is stored. */
function logBatch(memory: Memory, fields: JsonObject): JsonObject {
  checkBounds(fields);
  const points = readObjects(fields, 'metrics').map(readPoint);
  const params = pairs(fields, 'params').map(checkParam);
  const tags = pairs(fields, 'tags').map(checkTag);
  const run = activeRun(memory, fields);
  checkUnchanged(run, params);
  for (const param of params) run.params.set(...param);
  for (const point of points) addPoint(run, point);
  for (const tag of tags) setRunTag(run, tag);
  return {};
}

function checkBounds(fields: JsonObject): void {
  const count = (name: string) => readObjects(fields, name).length;
  const checkCount = (name: string, most: number, length: number) => {
    if (length <= most) return;
    throw invalid(`A batch logging request can contain at most ${most} ${name}. Got ${length} ${name}.`);
  };
  for (const [name, most] of Object.entries(BOUNDS)) checkCount(name, most, count(name));
  checkCount('metrics, params, and tags', MAX_ENTITIES, count('metrics') + count('params') + count('tags'));
}

function checkParam([key, value]: [key: string, value: string]): [key: string, value: string] {
  return [checkKey(key), paramValue(value)];
}

function checkTag([key, value]: [key: string, value: string]): [key: string, value: string] {
  return [checkKey(key), runTagValue(value)];
}

function checkUnchanged(run: StoredRun, params: readonly (readonly [key: string, value: string])[]): void {
  for (const [key, value] of params) {
    const old = run.params.get(key) ?? value;
    if (old !== value) {
      throw invalid(
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${old}' for run ID='${run.runId}'. Attempted logging new value '${value}'.`,
      );
    }
  }
}

function readInput(input: JsonObject): DatasetInput {
  const dataset = readObject(input, 'dataset');
  const [schema, profile] = [readTextOr(dataset, 'schema', null), readTextOr(dataset, 'profile', null)];
  return {
    dataset: {
      name: readText(dataset, 'name'),
      digest: readText(dataset, 'digest'),
      sourceType: readText(dataset, 'source_type'),
      source: readText(dataset, 'source'),
      ...(schema !== null && { schema }),
      ...(profile !== null && { profile }),
    },
    tags: Object.fromEntries(pairs(input, 'tags')),
  };
}

/** A dataset is an input once, with the tags that it had first. */
function addInput(run: StoredRun, input: DatasetInput): void {
  const isThere = run.datasets.some(
    ({ dataset }) => dataset.name === input.dataset.name && dataset.digest === input.dataset.digest,
  );
  if (!isThere) run.datasets.push(input);
}
