/**
 * What may be told of a configuration, by the word of its schemas: a variable's value is shown only where its schema
 * says that it may be, and how. A variable of which nobody said so is told to be set, and no more.
 */
import { z } from 'zod';

export type ShownValue = string | number | boolean | null | ShownValue[] | { [name: string]: ShownValue };

/** What stands for a value that is not shown. */
export const HIDDEN = '[set]';

type Show = (value: unknown) => ShownValue;

const shows = new WeakMap<z.ZodType, Show>();

/** Lets the values of a schema be shown, as they are or by what `show` makes of them. */
export function shown<Schema extends z.ZodType>(
  schema: Schema,
  show: (value: z.output<Schema>) => ShownValue = (value) => value as ShownValue,
): Schema {
  shows.set(schema, show as Show);
  return schema;
}

/** Without user, password, query and fragment, any of which may be a credential. */
export function shownUrl(text: string): string {
  if (!URL.canParse(text)) return HIDDEN;
  const { protocol, host, pathname } = new URL(text);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** The variables that have a value, in the order of their names. */
export function describeConfig(
  shape: z.ZodRawShape,
  config: Readonly<Record<string, unknown>>,
): Record<string, ShownValue> {
  const described = Object.keys(shape)
    .filter((name) => config[name] !== undefined)
    .toSorted()
    .map((name) => [name, showOf(shape[name] as z.ZodType)?.(config[name]) ?? HIDDEN] as const);
  return Object.fromEntries(described);
}

/** Also of one that is optional, or has a default. */
function showOf(schema: z.ZodType): Show | undefined {
  const known = shows.get(schema);
  if (known) return known;
  const isWrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  return isWrapped ? showOf(schema.unwrap() as z.ZodType) : undefined;
}
