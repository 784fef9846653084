/** What a request says: its query and its body, as fields. */
import { readObjects, readTextOr } from '../../api/read.ts';
import { viewType } from '../../api/view.ts';
import type { JsonObject } from '../../http/client.ts';
import { stringifyJson } from '../../http/json.ts';
import type { LifecycleStage } from '../../model/experiment.ts';
import type { View } from '../../model/values.ts';
import { invalid } from './refusals.ts';

export type Route = (fields: JsonObject) => JsonObject;
/** By method and path below `/api/2.0/mlflow/`, e.g. `POST runs/create`. */
export type Routes = Readonly<Record<string, Route>>;

/** MLflow takes the empty text for none. */
export function required(fields: JsonObject, name: string): string {
  const value = optional(fields, name) ?? '';
  if (value === '') throw invalid(`Missing value for required parameter '${name}'.`);
  return value;
}

export function optional(fields: JsonObject, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  throw invalid(`Invalid value ${stringifyJson(value)} for parameter '${name}' supplied: it has to be text.`);
}

export function texts(fields: JsonObject, name: string): string[] {
  const value = fields[name] ?? [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

export function pairs(fields: JsonObject, name: string): [key: string, value: string][] {
  return readObjects(fields, name).map((pair) => [
    readTextOr(pair, 'key', ''),
    readTextOr(pair, 'value', ''),
  ]);
}

export function toPairs(map: ReadonlyMap<string, string>): JsonObject[] {
  return [...map].map(([key, value]) => ({ key, value }));
}

const VIEWS: readonly (readonly [View, readonly LifecycleStage[]])[] = [
  ['active', ['active']],
  ['deleted', ['deleted']],
  ['all', ['active', 'deleted']],
];

/** The stages that a search shows. */
export function stages(fields: JsonObject, name: string): readonly LifecycleStage[] {
  const asked = optional(fields, name) ?? viewType('active');
  return VIEWS.find(([view]) => viewType(view) === asked)?.[1] ?? [];
}

/** One page, and the token of the next one. */
export function page<Item>(
  items: readonly Item[],
  fields: JsonObject,
): { items: readonly Item[]; next_page_token?: string } {
  const size = Number(fields['max_results']);
  if (!(size >= 1)) {
    throw invalid(
      `Invalid value ${size} for parameter 'max_results' supplied. It must be a positive integer.`,
    );
  }
  const offset = offsetOf(optional(fields, 'page_token'));
  const end = offset + size;
  return {
    items: items.slice(offset, end),
    ...(end < items.length && {
      next_page_token: Buffer.from(JSON.stringify({ offset: end })).toString('base64'),
    }),
  };
}

function offsetOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const offset = Number(/^\{"offset":(\d+)\}$/.exec(Buffer.from(token, 'base64').toString())?.[1]);
  if (Number.isNaN(offset)) throw invalid('Invalid page token, could not base64-decode');
  return offset;
}
