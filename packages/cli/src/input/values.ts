/** Readers of option values and arguments. They throw commander's error, which names the option. */
import { InvalidArgumentError } from 'commander';
import { parseDuration, parseWhen, type When } from './time.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PREFIX = /^hk_(?:live|test)_[0-9A-Za-z]{12}$/;
const MAX_COUNT = 4_294_967_295;

export function id(text: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  const advice = PREFIX.test(text) ? 'This is a prefix; an id' : 'An id';
  throw new InvalidArgumentError(`${advice} is a UUID, as the lists show it.`);
}

export function secretPrefix(text: string): string {
  if (PREFIX.test(text)) return text;
  throw new InvalidArgumentError('A prefix is hk_live_ or hk_test_ and 12 letters and digits.');
}

export function count(text: string): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number <= MAX_COUNT) return number;
  throw new InvalidArgumentError(`Expected a whole number up to ${MAX_COUNT}.`);
}

export function positiveCount(text: string): number {
  const number = count(text);
  if (number > 0) return number;
  throw new InvalidArgumentError('Expected at least 1.');
}

/** From 1 on. */
export function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
  };
}

/** Stands for null, which commander takes for a missing value. */
export const NONE = Symbol('none');
export type OrNone<Value> = Value | typeof NONE;

/** As the API takes it. */
export function orNull<Value>(value: OrNone<Value> | undefined): Value | null | undefined {
  return value === NONE ? null : value;
}

/** A number, or the word that stands for none. */
export function countOr(word: string): (text: string) => OrNone<number> {
  return (text) => (text === word ? NONE : count(text));
}

/** Whole seconds: `60`, `60s`, `5m`. */
export function seconds(text: string): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : parseDuration(text);
  if (value !== undefined && value <= MAX_COUNT) return value;
  throw new InvalidArgumentError('Expected seconds, such as 10, or a duration, such as 5m.');
}

export function secondsOr(word: string): (text: string) => OrNone<number> {
  return (text) => (text === word ? NONE : seconds(text));
}

export function when(text: string): When {
  const value = parseWhen(text);
  if (value !== undefined) return value;
  throw new InvalidArgumentError(
    'Expected a duration such as 90d, 24h or 30m, a time such as 2027-01-31T12:00:00Z, or never.',
  );
}

export function whenNotNever(text: string): Exclude<When, 'never'> {
  const value = parseWhen(text);
  if (value !== undefined && value !== 'never') return value;
  throw new InvalidArgumentError(
    'Expected a duration such as 24h, 30m or 0, or a time such as 2027-01-31T12:00:00Z.',
  );
}

/** A point of time in the past: `30d` ago, or a time. */
export function whenBack(text: string): Exclude<When, 'never'> {
  const value = whenNotNever(text);
  return 'afterSeconds' in value ? { afterSeconds: -value.afterSeconds } : value;
}

/** Of a key: a number that JavaScript's can't hold exactly. */
export function version(text: string): string {
  if (/^[1-9]\d{0,18}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected the version that show-key shows, a whole number.');
}

/** Gathers an option that may be repeated, or hold several values between commas. */
export function list(text: string, before: readonly string[] = []): string[] {
  const values = text.split(',').map((value) => value.trim());
  if (values.includes('')) throw new InvalidArgumentError('A value is empty.');
  return [...before, ...values];
}

/** What MLflow takes for the name of a model: it has its place in addresses such as models:/churn/1. */
export function modelName(text: string): string {
  if (text.trim() !== '' && !/[/:]/.test(text)) return text;
  throw new InvalidArgumentError('A model has a name without / and :.');
}

/** What MLflow takes for an alias, which would otherwise be refused when all else is done. */
export function modelAlias(text: string): string {
  if (!/^[\p{L}\p{N}_-]{1,255}$/u.test(text))
    throw new InvalidArgumentError('An alias has letters, digits, _ and - only, 255 at most.');
  if (/^(?:latest|v\d+)$/i.test(text))
    throw new InvalidArgumentError('MLflow keeps latest, v1, v2 and so on to itself.');
  return text;
}

/** Gathers aliases, as `list` does. */
export function modelAliases(text: string, before: readonly string[] = []): string[] {
  return [...before, ...list(text).map(modelAlias)];
}

export function modelVersion(text: string): string {
  if (/^[1-9]\d{0,9}$/.test(text)) return text;
  throw new InvalidArgumentError('A version is a whole number, as the lists show it.');
}

/** Gathers `name=value` pairs, whose values stay texts. */
export function tags(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const separator = text.indexOf('=');
  if (separator > 0) return { ...before, [text.slice(0, separator)]: text.slice(separator + 1) };
  throw new InvalidArgumentError('Expected name=value.');
}

/** Gathers `name=value` pairs, and JSON objects, into one object. */
export function metadata(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  if (text.startsWith('{')) return { ...before, ...jsonObject(text) };
  const separator = text.indexOf('=');
  if (separator > 0) return { ...before, [text.slice(0, separator)]: text.slice(separator + 1) };
  throw new InvalidArgumentError('Expected name=value, or a JSON object.');
}

function jsonObject(text: string): object {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError('This JSON can not be read.');
  }
}

/** `3` or `@champion`. */
export function versionOrAlias(text: string): string {
  if (/^@./.test(text)) return text;
  try {
    return modelVersion(text);
  } catch {
    throw new InvalidArgumentError('Expected the number of a version, or @ and an alias, such as @champion.');
  }
}
