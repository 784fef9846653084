/** Writes what MLflow takes, and refuses here what would only come back as a riddle. */
import { InvalidRequestError } from '../errors/errors.ts';
import type { JsonObject, JsonValue } from '../http/json.ts';
import type { Dataset, Metric, ParamValue } from '../model/run.ts';
import type { Int64 } from '../model/values.ts';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

export function writePairs(pairs: Readonly<Record<string, string>>): JsonObject[] {
  return Object.entries(pairs).map(([key, value]) => writeTag(key, value));
}

export function writeTag(key: string, value: string): { key: string; value: string } {
  return { key, value: checkGiven(value, `The tag "${key}"`) };
}

export function writeParams(params: Readonly<Record<string, ParamValue>>): JsonObject[] {
  return Object.entries(params).map(([key, value]) => ({ key, value: writeParam(key, value) }));
}

export function writeParam(key: string, value: ParamValue): string {
  return String(checkGiven(value, `The param "${key}"`));
}

/**
 * The value, which programs without types can leave out: MLflow would store the word, or answer with the name of a field.
 *
 * @param subject begins the error's sentence
 */
function checkGiven<Value>(value: Value, subject: string): Value {
  if (value === undefined || value === null) {
    throw new InvalidRequestError(`${subject} has no value: it is ${value}.`);
  }
  return value;
}

/** As protobuf writes what JSON has no number for. */
function writeDouble(value: number): JsonValue {
  return Number.isFinite(value) ? value : String(value);
}

export function writeMetric(metric: Metric): JsonObject {
  return {
    key: metric.key,
    value: writeDouble(metric.value),
    timestamp: metric.timestamp,
    step: metric.step,
  };
}

export function writeDataset(dataset: Dataset): JsonObject {
  const { name, digest, sourceType, source, schema, profile } = dataset;
  return {
    name,
    digest,
    source_type: sourceType,
    source,
    ...(schema !== undefined && { schema }),
    ...(profile !== undefined && { profile }),
  };
}

/**
 * The metric, if it is one for MLflow whatever the server's own rules on names: a number at a 64-bit step and time.
 * Throws `InvalidRequestError` where it was logged, not where its batch is sent.
 */
export function checkMetric(metric: Metric): Metric {
  if (typeof metric.value !== 'number') {
    throw new InvalidRequestError(
      `The value of the metric "${metric.key}" is ${describe(metric.value)}: it has to be a number.`,
    );
  }
  checkInt64(metric.step, `The step of the metric "${metric.key}"`);
  checkInt64(metric.timestamp, `The timestamp of the metric "${metric.key}"`);
  return metric;
}

/** @param subject begins the error's sentence */
export function checkInt64(value: Int64, subject: string): void {
  const isInt64 =
    typeof value === 'bigint' ? value >= MIN_INT64 && value <= MAX_INT64 : Number.isSafeInteger(value);
  if (!isInt64) {
    throw new InvalidRequestError(
      `${subject} is ${describe(value)}: it has to be a whole number of 64 bits, and a bigint beyond 2^53 - 1.`,
    );
  }
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
