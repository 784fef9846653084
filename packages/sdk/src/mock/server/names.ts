/** Which names and values MLflow takes; from `mlflow/utils/validation.py`. */
import { posix } from 'node:path';
import { invalid } from './refusals.ts';

const MAX_KEY = 250;
const MAX_PARAM_VALUE = 6000;
const MAX_RUN_TAG_VALUE = 8000;
const MAX_EXPERIMENT_NAME = 500;
const MAX_EXPERIMENT_TAG_VALUE = 20_000;
const MAX_REGISTRY_TAG_VALUE = 100_000;

/** The key of a metric, param or tag; returns it. */
export function checkKey(key: string): string {
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    throw invalid(
      `Invalid value ${JSON.stringify(key)} for parameter 'key' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  }
  checkIsNoOtherPath('key', key);
  return checkLength('key', key, MAX_KEY);
}

/** MLflow keeps the beginning of longer ones. */
export function paramValue(value: string): string {
  return [...value].slice(0, MAX_PARAM_VALUE).join('');
}

export function runTagValue(value: string): string {
  return [...value].slice(0, MAX_RUN_TAG_VALUE).join('');
}

export function checkExperimentTag([key, value]: [key: string, value: string]): [key: string, value: string] {
  return [checkKey(key), checkLength('value', value, MAX_EXPERIMENT_TAG_VALUE)];
}

export function checkRegistryTag([key, value]: [key: string, value: string]): [key: string, value: string] {
  return [checkKey(key), checkLength('value', value, MAX_REGISTRY_TAG_VALUE)];
}

export function checkExperimentName(name: string): string {
  return checkLength('name', name, MAX_EXPERIMENT_NAME);
}

export function checkModelName(name: string): string {
  if (name.trim() === '') throw invalid("Missing value for required parameter 'name'.");
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  checkIsNoOtherPath('name', name);
  return name;
}

export function checkAlias(alias: string): string {
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  }
  if (/^(latest|v\d+)$/i.test(alias)) throw invalid(`'${alias}' alias name (case insensitive) is reserved.`);
  return checkLength('alias', alias, 255);
}

function checkIsNoOtherPath(parameter: string, name: string): void {
  const path = posix.normalize(name);
  if (path !== name || path === '.' || /^\.\.|^\/|.\/$/.test(path)) {
    throw invalid(
      `Invalid value ${JSON.stringify(name)} for parameter '${parameter}' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`,
    );
  }
}

function checkLength(parameter: string, value: string, most: number): string {
  if ([...value].length > most)
    throw invalid(`'${parameter}' exceeds the maximum length of ${most} characters`);
  return value;
}
