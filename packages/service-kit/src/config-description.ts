/**
 * What may be told of a configuration, by the word of its schemas: what a variable is for, of which kind it is, and its
 * value only where its schema says that it may be shown, and how. A variable of which nobody said so is told to be set,
 * and no more.
 */
import { z } from 'zod';

export type ShownValue = string | number | boolean | null | ShownValue[] | { [name: string]: ShownValue };

/** What stands for a value that is not shown. */
export const HIDDEN = '[set]';

interface Facts {
  show: (value: unknown) => ShownValue;
  kind: string;
  isSecret: boolean;
  purpose: string;
  defaultText: string;
}

const facts = new WeakMap<z.ZodType, Partial<Facts>>();

function note<Schema extends z.ZodType>(schema: Schema, more: Partial<Facts>): Schema {
  facts.set(schema, { ...facts.get(schema), ...more });
  return schema;
}

/** Lets the values of a schema be shown, as they are or by what `show` makes of them. */
export function shown<Schema extends z.ZodType>(
  schema: Schema,
  show: (value: z.output<Schema>) => ShownValue = (value) => value as ShownValue,
): Schema {
  return note(schema, { show: show as Facts['show'] });
}

/** Says in a few words what a value is: `a port`, `true or false`. */
export function ofKind<Schema extends z.ZodType>(kind: string, schema: Schema): Schema {
  return note(schema, { kind });
}

/** Marks what is, or holds, a secret. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return note(schema, { isSecret: true });
}

/** Says in a sentence or two, for who runs the service, what a variable is for; and what its default is where the value itself doesn't tell. */
export function about<Schema extends z.ZodType>(
  purpose: string,
  schema: Schema,
  { defaultText }: { defaultText?: string } = {},
): Schema {
  return note(schema, defaultText === undefined ? { purpose } : { purpose, defaultText });
}

/** Without user, password, query and fragment, any of which may be a credential. */
export function shownUrl(text: string): string {
  // Several are separated by commas: the second one would be taken for the path of the first, with its password.
  return text
    .split(',')
    .map((one) => shownOne(one.trim()))
    .join(',');
}

function shownOne(text: string): string {
  if (!URL.canParse(text)) return HIDDEN;
  const { protocol, host, pathname } = new URL(text);
  if (pathname.includes('@')) return HIDDEN;
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
    .map((name) => [name, showValue(shape[name] as z.ZodType, config[name])] as const);
  return Object.fromEntries(described);
}

/** A value as it may be shown. */
export function showValue(schema: z.ZodType, value: unknown): ShownValue {
  return factsOf(schema).show?.(value) ?? HIDDEN;
}

/** A variable, for whoever sets it. */
export interface VariableFacts {
  name: string;
  /** Empty where nobody has said it. */
  purpose: string;
  kind: string;
  isRequired: boolean;
  isSecret: boolean;
  /** As it would be written; absent if there is none. */
  defaultText?: string;
}

/** All variables of a shape, in its order. */
export function describeShape(shape: z.ZodRawShape): VariableFacts[] {
  return Object.entries(shape).map(([name, schema]) => {
    const known = factsOf(schema as z.ZodType);
    const defaultText = known.defaultText ?? defaultOf(schema as z.ZodType);
    return {
      name,
      purpose: known.purpose ?? '',
      kind: known.kind ?? 'text',
      isRequired: !(schema as z.ZodType).safeParse(undefined).success,
      isSecret: known.isSecret ?? false,
      ...(defaultText === undefined ? {} : { defaultText }),
    };
  });
}

function defaultOf(schema: z.ZodType): string | undefined {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined) return undefined;
  if (Array.isArray(data)) return data.join(',');
  return String(data);
}

/** What is known of it, also of one that is optional, or has a default: what was said last counts. */
function factsOf(schema: z.ZodType): Partial<Facts> {
  const isWrapped = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  const inner = isWrapped ? factsOf(schema.unwrap() as z.ZodType) : {};
  return { ...inner, ...facts.get(schema) };
}
