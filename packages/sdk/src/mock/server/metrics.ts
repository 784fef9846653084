import { readDouble, readInt64, readTextOr } from '../../api/read.ts';
import type { JsonObject } from '../../http/client.ts';
import type { Int64 } from '../../model/values.ts';
import type { Point, StoredRun } from './memory.ts';
import { checkKey } from './names.ts';
import { invalid } from './refusals.ts';
import { page } from './request.ts';

export interface NewPoint {
  key: string;
  point: Point;
}

/** Throws `InvalidRequestError` for a metric that MLflow does not take. */
export function readPoint(metric: JsonObject): NewPoint {
  const key = checkKey(readTextOr(metric, 'key', ''));
  const value = readDouble(metric, 'value');
  const timestamp = readInt64(metric, 'timestamp');
  const step = readInt64(metric, 'step');
  if (timestamp < 0) {
    throw invalid(
      `Invalid value ${timestamp} for parameter 'timestamp' supplied: metric '${key}' (value=${value}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  }
  return { key, point: { value: sqlValue(value), isNan: Number.isNaN(value), timestamp, step } };
}

/** SQL has no NaN and no infinities. */
function sqlValue(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

export function addPoint({ metrics }: StoredRun, { key, point }: NewPoint): void {
  const id = `${point.timestamp} ${point.step} ${point.value} ${point.isNan}`;
  const metric = metrics.get(key);
  if (!metric) {
    metrics.set(key, { latest: point, points: new Map([[id, point]]) });
    return;
  }
  metric.points.set(id, point);
  if (compare(LATEST, point, metric.latest) > 0) metric.latest = point;
}

type Order = readonly ((point: Point) => Int64)[];

/** The latest value of a metric is that of the greatest step, whenever it was logged; then of the latest time. */
const LATEST: Order = [(point) => point.step, (point) => point.timestamp, (point) => point.value];
const HISTORY: Order = [(point) => point.timestamp, (point) => point.step, (point) => point.value];

function compare(order: Order, a: Point, b: Point): number {
  const by = order.find((field) => field(a) !== field(b));
  if (!by) return 0;
  return by(a) < by(b) ? -1 : 1;
}

export function history({ metrics }: StoredRun, key: string, fields: JsonObject): JsonObject {
  const points = [...(metrics.get(key)?.points.values() ?? [])].sort((a, b) => compare(HISTORY, a, b));
  const { items, ...next } = page(points, fields);
  return { metrics: items.map((point) => metricJson(key, point)), ...next };
}

export function latestMetrics({ metrics }: StoredRun): JsonObject[] {
  return [...metrics].map(([key, { latest }]) => metricJson(key, latest));
}

function metricJson(key: string, { value, isNan, timestamp, step }: Point): JsonObject {
  return { key, value: isNan ? 'NaN' : value, timestamp, step };
}
